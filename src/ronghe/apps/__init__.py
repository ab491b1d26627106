"""One Django app a station of the loop; read the folder list as the loop."""
