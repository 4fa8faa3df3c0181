"""Logging in: who may, and what they get.

A protocol has a `portal.Portal` and gives it the `credentials` that a peer presented. The portal asks the checker
(`checkers`) for such credentials who that is, and the program's realm for what that user is handed: the avatar.
"""
