"""The half of the vault that lies in avow_keys, where the application's own role cannot connect."""
