"""The log as everybody may fetch it, and its leaves for auditors."""
