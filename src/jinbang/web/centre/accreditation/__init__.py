"""Declaration plans, pilot applications, majors, exam sites and their rooms."""
