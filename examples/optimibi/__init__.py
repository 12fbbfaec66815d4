"""
Optimibi: a small analytics service, made up, that leaves accounts and privacy to Avow.

Why it exists: a policy can only be seen at work in somebody's application. This one is written as a company would
write it, with Flask, Authlib and requests, and knows Avow by three things only: OpenID Connect for signing in,
Avow's SDK for what the server tells and asks, and two scripts for what the browser does.

Holds:    it stores nothing about anybody on a disk. Its figures are made up, the same at every start.
Does not: know the code of Avow; nothing of `avow` is imported.
"""
