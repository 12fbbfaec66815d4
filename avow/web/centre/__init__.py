"""The centre: four doors for a person who is signed in."""
