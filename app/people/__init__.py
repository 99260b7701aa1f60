"""People and their sign-in (Flask-Security); what they may do in an organisation is not decided here."""
