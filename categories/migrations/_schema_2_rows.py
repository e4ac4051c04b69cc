"""What 0003_schema_2 does with rows. Nothing here may follow the code of the day: all of it is as it was then."""

from uuid import uuid4, uuid5

from django.core.management.color import no_style
from django.db.models import F, Max
from django.utils import timezone

REASON = "Made when the site moved to schema 2"
STEP = 1000  # between two positions
MANY = 1000  # rows written at once

# What schema 1 had in its code is now a row of each guidance
RELATIONSHIPS = [
    {"slug": "aligns", "name": "Aligns to an occupational standard", "to_standard": True},
    {"slug": "aligns-t-level-outline", "name": "Aligns to T Level outline content", "to_standard": False},
    {"slug": "builds-on", "name": "Builds on an occupational standard", "to_standard": True},
    {"slug": "across-standards", "name": "Takes KSBs from different occupational standards", "to_standard": True},
    {
        "slug": "some-ksbs",
        "name": "Covers some KSBs of an occupational standard or standards",
        "to_standard": True,
    },
    {"slug": "none", "name": "No relationship to an occupational standard", "to_standard": False},
]
T_LEVELS = [
    {"slug": "not-covered", "name": "The occupational standard is not covered by T Levels", "covered": "no"},
    {"slug": "may-be-covered", "name": "The occupational standard may be covered by a T Level", "covered": "may-be"},
    {"slug": "is-t-level", "name": "This is the T Level category", "covered": "yes"},
]
AVAILABILITIES = [
    {"slug": "in-scope", "name": "In scope", "dated": True},
    {"slug": "not-yet-available", "name": "Not yet available", "dated": False},
]
SHORT_FORMS = [
    {"term": "KSBs", "meaning": "knowledge, skills and behaviours"},
    {"term": "HTQs", "meaning": "Higher Technical Qualifications"},
    {"term": "IfATE", "meaning": "Institute for Apprenticeships and Technical Education"},
]
# Model, kind, key, and the rows in their order
MADE = [
    ("ShortForm", "short-form", "term", SHORT_FORMS),
    ("Relationship", "relationship", "slug", RELATIONSHIPS),
    ("TLevel", "t-level", "slug", T_LEVELS),
    ("Availability", "availability", "slug", AVAILABILITIES),
]
# What all guidance shared until now: model, kind, key, and the field by which a category names many of them
SHARED = [("Level", "level", "number", "levels"), ("Cohort", "cohort", "slug", "cohorts")]


def record_id(guidance, kind, key):
    """Return the id by which the editions of a guidance have always known a record that had none of its own."""
    return uuid5(guidance, f"{kind}:{key}")


def every_guidance(apps):
    """Return the ids of all guidance, and of all that there ever was: the history of what was deleted is kept too."""
    there = set(apps.get_model("categories", "Guidance").objects.values_list("id", flat=True))
    was = apps.get_model("categories", "HistoricalGuidance").objects.order_by().values_list("id", flat=True)
    return sorted(there), sorted(there.union(was))


class Shared:
    """The rows of levels and cohorts, in memory from before their tables are made anew until after it."""

    def read(self, apps, schema_editor):
        self.rows = [read_shared(apps, *names) for names in SHARED]

    def write(self, apps, schema_editor):
        for names, rows in zip(SHARED, self.rows, strict=True):
            written = write_shared(apps, *names, **rows)
            for statement in schema_editor.connection.ops.sequence_reset_sql(no_style(), written):
                schema_editor.execute(statement, params=None)


def models_of_shared(apps, model, field):
    """Return the models of the records, of their history, of the links from categories, and of the history of those."""
    names = (model, f"Historical{model}", f"Category_{field}", f"HistoricalCategory_{field}")
    return [apps.get_model("categories", name) for name in names]


def read_shared(apps, model, kind, key, field):
    live, past, links, past_links = models_of_shared(apps, model, field)
    links = links.objects.order_by("id").annotate(guidance=F("category__guidance"))
    past_links = past_links.objects.order_by("m2m_history_id").annotate(guidance=F("history__guidance"))
    return {
        "live": list(live.objects.values()),  # in the order of staff
        "past": list(past.objects.order_by("history_id").values()),
        "links": list(links.values()),
        "past_links": list(past_links.values()),
    }


def write_shared(apps, model, kind, key, field, live, past, links, past_links):
    """Write the rows of each guidance, and return their models. A record that is gone has its id too."""
    there, every = every_guidance(apps)
    keys = {row["id"]: row[key] for row in (*past, *live)}

    def of_guidance(guidance, row, name):
        """Return a row with the id that the guidance knows the shared record by."""
        shared = row[name]
        return row | {name: shared and record_id(guidance, kind, keys.get(shared, shared))}

    found = models_of_shared(apps, model, field)
    rows = [
        [of_guidance(guidance, row, "id") | {"guidance_id": guidance} for guidance in there for row in placed(live)],
        [
            of_guidance(guidance, row, "id")
            | {"guidance_id": guidance, "history_id": history_id(row["history_id"], place, every)}
            for row in past
            for place, guidance in enumerate(every)
        ],
        [of_guidance(row.pop("guidance"), row, f"{kind}_id") for row in links],
        [of_guidance(row.pop("guidance"), row, f"{kind}_id") for row in past_links],
    ]
    for model_of_rows, of_model in zip(found, rows, strict=True):
        model_of_rows.objects.all().delete()
        model_of_rows.objects.bulk_create([model_of_rows(**row) for row in of_model], batch_size=MANY)
    return found


def history_id(shared, place, every):
    """Return the id that a row of shared history has for the guidance at a place among all: in the order as before."""
    return shared * len(every) + place


def placed(rows):
    """Give rows in order places of their own. Where two have the same, their ids told them apart, and those are new."""
    positions = [row.get("position") for row in rows]
    if None in positions or len(set(positions)) == len(rows):
        return rows
    return [row | {"position": place * STEP} for place, row in enumerate(rows, 1)]


def follow(apps, schema_editor):
    """Take every other row along: new terms, what categories say, examples lists, submissions, the index of editions."""
    make_terms(apps)
    for model in ("Category", "HistoricalCategory"):
        say_in_terms(apps.get_model("categories", model).objects.order_by())
    rename_examples_lists(apps)
    translate_marks(apps)
    index_terms(apps)
    schema_editor.connection.check_constraints()  # now: PostgreSQL changes no table while a check of its rows waits


def make_terms(apps):
    """Make the terms that schema 1 had in its code, by nobody: they make no one a contributor."""
    there, every = every_guidance(apps)
    for guidance in every:
        by_upgrade = {
            "save_id": uuid4(),
            "history_date": timezone.now(),
            "history_type": "+",
            "history_change_reason": REASON,
        }
        for name, kind, key, terms in MADE:
            model, past = (apps.get_model("categories", one) for one in (name, f"Historical{name}"))
            for place, term in enumerate(terms, 1):
                identity = record_id(guidance, kind, term[key])
                row = {"id": identity, "guidance_id": guidance, "position": place * STEP, **term}
                if guidance in there:
                    model.objects.create(**row)
                past.objects.create(**row, **by_upgrade)


def say_in_terms(categories):
    """Give categories, or their history, the terms for their old values: one statement for each value of a guidance."""
    old = "relationship_in_schema_1"
    for guidance, slug in categories.values_list("guidance_id", old).distinct():
        identity = record_id(guidance, "relationship", slug)
        categories.filter(guidance_id=guidance, **{old: slug}).update(relationship_id=identity)
    old = "t_level_in_schema_1"
    for guidance, slug in categories.exclude(**{old: "not-mentioned"}).values_list("guidance_id", old).distinct():
        identity = record_id(guidance, "t-level", slug)
        categories.filter(guidance_id=guidance, **{old: slug}).update(t_level_id=identity)
    names = ("guidance_id", "availability_in_schema_1", "in_scope_from_year", "in_scope_from_month")
    for values in categories.exclude(availability_in_schema_1="not-stated").values_list(*names).distinct():
        guidance, slug, year, month = values
        state = record_id(guidance, "availability", slug)
        step = {"state": str(state), "from": f"{year}-{month:02}" if year and month else None}
        categories.filter(**dict(zip(names, values, strict=True))).update(availability=[step])


def rename_examples_lists(apps):
    """Know each examples list by the id that editions know it by."""
    lists, past, *categories = (
        apps.get_model("categories", model).objects.order_by("guidance_id", "position", "id")
        for model in ("ExamplesList", "HistoricalExamplesList", "Category", "HistoricalCategory")
    )
    for guidance in every_guidance(apps)[0]:
        for row in placed(lists.filter(guidance_id=guidance).values("id", "position")):
            lists.filter(id=row["id"]).update(position=row["position"])
    for identity, guidance, slug in {
        row[0]: row
        for row in (
            *past.order_by("history_id").values_list("id", "guidance_id", "slug"),
            *lists.values_list("id", "guidance_id", "slug"),
        )
    }.values():
        new = record_id(guidance, "examples-list", slug)
        for of_id in (lists, past):
            of_id.filter(id=identity).update(id=new)
        for naming in categories:
            naming.filter(examples_list_id=identity).update(examples_list_id=new)


def translate_marks(apps):
    """Let each submission have seen exactly the history that it had seen; the terms made here too."""
    every = every_guidance(apps)[1]
    made = {
        kind: apps.get_model("categories", f"Historical{model}").objects.aggregate(newest=Max("history_id"))["newest"]
        for model, kind, _, _ in MADE
    }

    def translated(marks):
        shared = {kind: marks[kind] for _, kind, _, _ in SHARED if kind in marks}
        return marks | {kind: history_id(mark, len(every) - 1, every) for kind, mark in shared.items()} | made

    submissions = apps.get_model("categories", "Submission").objects
    for identity, marks in submissions.exclude(history_marks={}).values_list("id", "history_marks"):
        new = translated(marks)
        if "order" in marks:
            new["order"] = translated(marks["order"])
        submissions.filter(id=identity).update(history_marks=new)


def index_terms(apps):
    """The content of a first edition, read as schema 2, has the terms made here too: what it added says so."""
    changes = apps.get_model("categories", "EditionChange").objects
    for edition in apps.get_model("categories", "Edition").objects.filter(number=1):
        for _, kind, key, terms in MADE:
            for term in terms:
                changes.create(
                    edition=edition,
                    record_id=record_id(edition.guidance_id, kind, term[key]),
                    kind=kind,
                    action="added",
                    slug=term.get("slug", ""),
                    title=term.get("name") or term["term"],
                )


def permit(apps, schema_editor):
    """Let both roles edit the new terms. Permissions are made here because Django makes them only after migrating."""
    groups = apps.get_model("auth", "Group").objects.filter(name__in=["Writer", "Editor"])
    for model, *_ in MADE:
        name = apps.get_model("categories", model)._meta.verbose_name
        kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="categories", model=model.lower()
        )
        for verb in ("add", "change", "delete", "view"):
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind, codename=f"{verb}_{model.lower()}", defaults={"name": f"Can {verb} {name}"}
            )
            for group in groups:
                group.permissions.add(permission)


def finish(apps, schema_editor):
    """Make at once the indexes and keys that Django would make last: it notes a migration in the transaction of that
    migration only where none are left, and a stop between the two would have it run again on what it has made.
    """
    while schema_editor.deferred_sql:
        schema_editor.execute(schema_editor.deferred_sql.pop(0))
