"""Sites, machines, their calendars and bookings."""
