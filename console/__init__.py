"""The console: server-rendered pages for the people at the desk. A face: it calls rooms.

How to add a page
-----------------

1. `console/pages/NAME.py` with `router = APIRouter()` and, when it is one of the seven places,
   `PLACE = Place("queue", "/queue", N_("Queue"), count=...)`; add the module to `PAGES` in
   `console/app.py`. The place then stands on the left, in the fixed order of `places.ORDER`.
   `count(tx, person, now)` gives the number beside it: only what *this* person must do.
   A place with several pages lists them as `tabs` (see `pages/accounts.py`).
2. A handler is a plain `def` (it runs in a thread: database calls may block), takes what it needs
   by type, calls a room and answers. Every address needs a session and every POST its token
   without being told (`guard.admit`; what is public stands in `guard.PUBLIC`)::

       @router.get("/queue")
       def queue_page(request: Request, desk: Here, person: Person) -> Response:
           with desk.store.read() as tx:
               rows = ...
           return render(request, "queue.html", rows=rows)

       @router.post("/queue/{delivery}/hold")
       def hold(request: Request, desk: Here, person: Person, delivery: int,
                reason: Annotated[str, Form()] = "") -> Response:
           with desk.store.write() as tx:
               place.hold(tx, delivery, reason, now=desk.clock.now(), actor=person)
           return see_other(request, "/queue", N_("Delivery {id} is held."), id=delivery)

   `Here` is the `Desk` (settings, store, clock, `channels`: a mapping of account name to channel,
   `daemon_channels` for dispatch). `Person` is the `Actor`; nobody logged in leads to /login and
   back. `Form` fields: give each a default, the room says what is missing.
3. A POST never answers with a page of its own: it calls the room and gives `see_other` (303, with
   a notice kept in the session). A room's error becomes a page with its sentence and status (400
   InputError, 403 NotAllowed, 404 NotFound, 409 Conflict); where a person typed something, catch
   it and show the form again with what they typed: `render(request, "x.html", error=error,
   typed=..., status=status_of(error))`.
4. Every POST form begins with `{{ ui.csrf() }}` (`{% import "macros.html" as ui with context %}`);
   without it the request is refused. htmx requests send the token in the header `X-CSRF-Token`
   (base.html sets it). Foreign origins are refused before anything is read.
5. Templates extend `base.html`: blocks `title`, `heading`, `lead` (one sentence), `actions`
   (buttons beside the heading; at most one `button.primary`), `content`. `macros.html` has state
   marks, times, tables, empty states, fields, errors. Filters, chips and pagers of a list carry
   `{{ ui.swaps() }}`: htmx puts the changed page in place and keeps scroll and focus. No inline
   script or style: the CSP forbids both, also `style="..."`; use classes, `<progress>` or SVG
   attributes.
6. Words: `{{ _("English key") }}` and `{{ say("Paused: {what}.", what=name) }}` in templates,
   `N_`/`say` in Python; never `%` or f-strings in a key. Times by `{{ when(moment) }}`, accounts
   by `{{ said.account(title, channel) }}`: a bureau has the same name on both platforms.
7. Today, notices and search link to /stories/ID, /review/STORY, /queue/DELIVERY, /doubts/DELIVERY
   and /accounts/NAME. What a new code of a notice means and asks for stands in
   `scheduler.sentences` (MEANINGS, STEPS); whether a person may close it, in `scheduler.notices`.
   An error says what is wrong in its sentence; what to type at a terminal goes into `command=`,
   which pages leave out.
8. Show only what a person may do (`{% if person.may(Role.operator) %}`); the room enforces it.
"""
