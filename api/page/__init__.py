"""The officer's page: what the service shows to people, served beside what it answers to programs.

Each module makes one thing: ``link`` reads and writes situations as links and forms, ``intake`` and ``advised`` say
what stands on the page, ``templating`` makes HTML of it, ``app`` has the routes. All pages are made anew for each
request from the facts in it; nothing is stored, and no cookie is set.
"""
