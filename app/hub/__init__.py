"""What a hub sees of the therapies granted to it: pipeline and weekly digest; it sees nothing that was not granted."""
