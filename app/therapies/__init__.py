"""What is developed (one product × one indication), and who outside may see it; not how far it has come."""
