"""`avow doctor`: what is wrong or weak on this machine, and what to do about it."""
