"""What an administrator does to a Firebase project, on their own computer, with a service account for which no rules apply.

Nothing of this runs on a kiosk. ``firebase-admin`` (extra ``cloud``) is imported when a project is opened, never before.
"""
