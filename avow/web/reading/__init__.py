"""
The policy as pages read it: each sentence with its state, what keeps it and why it stands so.

Nothing here is stored; it joins what policy (the text), trace (the code) and evidence (the checks) say.
"""
