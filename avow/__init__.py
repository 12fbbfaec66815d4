"""
Avow makes a company's privacy policy run.

The rooms import downwards only, in the order that CONTRIBUTING.md draws and
import-linter checks: host, web, requests, sharing, communications | usage |
systems, people, vault, evidence, keyring, policy, errors.
"""
