"""Steps of the rebuilding of the reference files; never imported by the running site."""
