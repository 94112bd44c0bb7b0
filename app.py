"""What `flask --app app` and every WSGI server load: `app:app`."""

from waitlist import create_app

app = create_app()
