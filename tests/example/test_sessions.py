"""A session ends when it should, and its number tells nothing.

It bites: without `renewed` the number from before a sign-in opens the session after it; without the age a copied cookie
works for as long as the process lives (tried).
"""

from flask import Flask, session


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def small():
    """The smallest application with these sessions."""
    from optimibi.sessions import InMemory

    app, clock = Flask("small"), Clock()
    app.config["SESSION_COOKIE_NAME"] = "s"
    app.session_interface = InMemory(clock)

    @app.get("/put/<what>")
    def put(what):
        session["what"] = what
        return ""

    @app.get("/renew/<what>")
    def renew(what):
        session.renew()
        session["what"] = what
        return ""

    @app.get("/end")
    def end():
        session.renew()
        return ""

    @app.get("/")
    def see():
        return session.get("what", "nothing")

    return app, clock


def test_a_session_is_kept_ends_with_its_time_and_at_its_end():
    from optimibi.sessions import LASTS

    app, clock = small()
    client = app.test_client()
    client.get("/put/a")
    assert client.get("/").text == "a"
    clock.now += LASTS - 1
    assert client.get("/").text == "a"
    clock.now += 1
    assert client.get("/").text == "nothing"
    client.get("/put/b")
    client.get("/end")
    assert client.get("/").text == "nothing"
    assert len(app.session_interface.kept) == 1, "the one whose time is over waits to be pushed out"


def test_the_number_from_before_a_sign_in_opens_nothing_after_it():
    app, _ = small()
    client, thief = app.test_client(), app.test_client()
    client.get("/put/before")
    thief.set_cookie("s", client.get_cookie("s").value, domain="localhost")
    assert thief.get("/").text == "before"
    client.get("/renew/after")
    assert client.get("/").text == "after"
    assert thief.get("/").text == "nothing"


def test_many_visitors_do_not_fill_the_memory(monkeypatch):
    from optimibi import sessions

    monkeypatch.setattr(sessions, "MOST", 3)
    app, _ = small()
    clients = [app.test_client() for _ in range(5)]
    for at, client in enumerate(clients):
        client.get(f"/put/{at}")
    assert [client.get("/").text for client in clients] == ["nothing", "nothing", "2", "3", "4"]
