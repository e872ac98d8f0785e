"""The doors through which people answer who have not signed in: a signed link, a reply code, a key on the phone."""
