"""Pictures drawn on the server as SVG: marks, bars, sparks."""
