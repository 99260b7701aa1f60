"""Who may do what: names of permissions, one readable table, the person who acts and the scope they read in."""
