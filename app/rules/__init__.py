"""What the law says, where it was read, who verified it, and what hubs enter; not what follows from it for a plan."""
