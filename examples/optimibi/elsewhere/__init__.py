"""Other companies, played by this process so that the demo has somebody to send to: nothing here is Optimibi's."""
