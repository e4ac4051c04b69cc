"""Schema 2: everything belongs to one guidance, and what a category says stands in rows that staff edit.

It is one transaction, the note that it was done included: whatever stops it leaves the database as it was, for the
release before, and `migrate` may be run again. What happens to the rows stands in `_schema_2_rows.py`.
"""

import uuid

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import migrations, models

import categories.models.fields
import categories.models.guidance
import categories.models.history

from . import _schema_2_rows as rows

LEVELS = "A level is a number from 1 to 8."
OLD = ["relationship", "t_level", "availability"]  # they get another type, so the old columns make way
OLD_CONSTRAINTS = [
    "relationship_known",
    "t_level_known",
    "availability_known",
    "in_scope_has_month",
    "month_only_in_scope",
    "month_from_1_to_12",
    "year_has_four_digits",
]


def key():
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def key_in_history():
    return models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)


def position():
    return models.PositiveIntegerField(default=0, editable=False)


def number():
    return models.PositiveSmallIntegerField(validators=[MinValueValidator(1, LEVELS), MaxValueValidator(8, LEVELS)])


def line(verbose_name, help_text, **options):
    validators = [categories.models.fields.validate_line]
    return models.CharField(verbose_name, help_text=help_text, max_length=300, validators=validators, **options)


def slug():
    words = "Use lower-case letters, digits and single hyphens, such as level-3-adults-only."
    return models.CharField(
        help_text="The value in addresses and data. Old ones go on working.",
        max_length=100,
        validators=[RegexValidator("^[a-z0-9]+(-[a-z0-9]+)*\\Z", words)],
    )


def name():
    return line("name", "What readers see.")


def markdown(verbose_name, help_text):
    return models.TextField(
        verbose_name,
        blank=True,
        help_text=f"{help_text} Paragraphs, lists, links and *emphasis* in Markdown.",
        max_length=20000,
        validators=[categories.models.guidance.validate_markdown],
    )


def steps():
    return categories.models.fields.StepsField(
        "availability",
        blank=True,
        default=list,
        help_text="One state after another, each with the month from which it counts. “In scope” is not “open for "
        "submissions”. Leave all empty if the guidance does not state it.",
    )


def named(model, **options):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=f"categories.{model}", **options)


def named_in_history(model, **options):
    """A record that history names may be gone."""
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=f"categories.{model}",
        **options,
    )


def one_per_key(field, name, message):
    return models.UniqueConstraint(fields=("guidance", field), name=name, violation_error_message=message)


def term_of_guidance(model, noun, nouns, constraints, fields, **options):
    """Two tables: of a kind of term, and of the history of it. `fields` makes new fields each time that it is called."""
    return [
        migrations.CreateModel(
            name=model,
            fields=[("id", key()), ("guidance", named("guidance")), ("position", position()), *fields()],
            options={"ordering": ["position", "pk"], "constraints": constraints, **options},
        ),
        migrations.CreateModel(
            name=f"Historical{model}",
            fields=[
                ("save_id", models.UUIDField(default=categories.models.history.current_save_id, editable=False)),
                ("id", key_in_history()),
                ("guidance", named_in_history("guidance")),
                ("position", position()),
                *fields(),
                ("history_change_reason", models.TextField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": f"historical {noun}",
                "verbose_name_plural": f"historical {nouns}",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]


def in_both(change, model, name, field):
    """The same change to a table and to that of its history."""
    return [change(of, name, field()) for of in (model, f"historical{model}")]


new_terms = [
    *term_of_guidance(
        "ShortForm",
        "short form",
        "short forms",
        [one_per_key("term", "one_short_form_per_term", "Another short form of this guidance has this short form.")],
        lambda: [
            ("term", line("short form", "As the guidance writes it, such as KSBs.")),
            ("meaning", line("what it stands for", "Such as knowledge, skills and behaviours.")),
        ],
    ),
    *term_of_guidance(
        "Relationship",
        "relationship",
        "relationships",
        [one_per_key("slug", "one_relationship_per_slug", "Another relationship of this guidance has this slug.")],
        lambda: [
            ("slug", slug()),
            ("name", name()),
            ("definition", markdown("definition", "Leave empty if the guidance gives none.")),
            (
                "to_standard",
                models.BooleanField(
                    "it is a relationship to a standard itself",
                    default=False,
                    help_text="Then “Find your category” may ask about that standard.",
                ),
            ),
        ],
    ),
    *term_of_guidance(
        "TLevel",
        "T Level position",
        "T Level positions",
        [
            one_per_key("slug", "one_t_level_per_slug", "Another T Level position of this guidance has this slug."),
            models.CheckConstraint(
                condition=models.Q(covered__in=["yes", "no", "may-be", "not-stated"]), name="coverage_known"
            ),
        ],
        lambda: [
            ("slug", slug()),
            ("name", name()),
            (
                "covered",
                models.CharField(
                    "does a T Level cover the occupational standard?",
                    choices=[("yes", "Yes"), ("no", "No"), ("may-be", "It may be"), ("not-stated", "Not stated")],
                    default="not-stated",
                    help_text="“Find your category” asks about this.",
                    max_length=10,
                ),
            ),
        ],
        verbose_name="T Level position",
    ),
    *term_of_guidance(
        "Availability",
        "availability",
        "availabilities",
        [one_per_key("slug", "one_availability_per_slug", "Another availability of this guidance has this slug.")],
        lambda: [
            ("slug", slug()),
            ("name", name()),
            (
                "dated",
                models.BooleanField(
                    "it counts from a month",
                    default=False,
                    help_text="Ticked: every category in this state gives the month from which it is. Not ticked: none "
                    "does.",
                ),
            ),
        ],
        verbose_name_plural="availabilities",
    ),
]

new_texts = [
    (
        "guidance",
        "introduction",
        lambda: markdown("introduction", "Stands before the categories. Leave empty if the guidance has none."),
    ),
    ("guidance", "caution", lambda: markdown("caution", "One line that every page of the guidance carries.")),
    (
        "guidance",
        "contact_name",
        lambda: line("contact: name", "Leave all three empty if the guidance gives none.", blank=True),
    ),
    ("guidance", "contact_email", lambda: models.EmailField("contact: e-mail address", blank=True)),
    (
        "guidance",
        "contact_url",
        lambda: models.URLField(
            "contact: web address", blank=True, validators=[categories.models.fields.validate_web_address]
        ),
    ),
    (
        "guidance",
        "links",
        lambda: categories.models.fields.LinksField(
            "related links",
            blank=True,
            default=list,
            help_text="One on each line: the title, then the web address.",
        ),
    ),
    (
        "category",
        "approval_text",
        lambda: markdown("approval in words", "Leave empty if the guidance says nothing besides the tests."),
    ),
    (
        "category",
        "availability_text",
        lambda: markdown(
            "availability in words", "Leave empty if the guidance says nothing besides the states and months."
        ),
    ),
    (
        "exampleslist",
        "text",
        lambda: markdown("in words", "What the guidance says of the list. Leave empty if it says nothing."),
    ),
]

RELATIONSHIP = {
    "help_text": "“Find your category” asks about this.",
    "verbose_name": "relationship to occupational standards",
}
T_LEVEL = {
    "help_text": "What the guidance says of T Levels and the occupational standard. Leave empty if it says nothing.",
    "verbose_name": "T Levels",
}

# Until the rows have followed, a category has its old facts beside the new ones, and need not have a relationship yet
facts_of_categories = [
    *[migrations.RemoveConstraint("category", name) for name in OLD_CONSTRAINTS],
    *[
        migrations.RenameField(model, name, f"{name}_in_schema_1")
        for model in ("category", "historicalcategory")
        for name in OLD
    ],
    migrations.AddField("category", "relationship", named("relationship", null=True, **RELATIONSHIP)),
    migrations.AddField("historicalcategory", "relationship", named_in_history("relationship", **RELATIONSHIP)),
    migrations.AddField("category", "t_level", named("tlevel", null=True, blank=True, **T_LEVEL)),
    migrations.AddField("historicalcategory", "t_level", named_in_history("tlevel", **T_LEVEL)),
    *in_both(migrations.AddField, "category", "availability", steps),
]

levels_and_cohorts = [
    migrations.RemoveField("category", "levels"),
    migrations.RemoveField("category", "cohorts"),
    migrations.RemoveField("historicalcategory_levels", "level"),
    migrations.RemoveField("historicalcategory_cohorts", "cohort"),
    migrations.DeleteModel("Level"),
    migrations.DeleteModel("Cohort"),
    migrations.CreateModel(
        name="Level",
        fields=[("id", key()), ("guidance", named("guidance")), ("number", number())],
        options={
            "ordering": ["number"],
            "constraints": [
                one_per_key("number", "one_level_per_number", "Another level of this guidance has this number."),
                models.CheckConstraint(
                    condition=models.Q(number__gte=1, number__lte=8),
                    name="number_from_1_to_8",
                    violation_error_message=LEVELS,
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Cohort",
        fields=[
            ("id", key()),
            ("guidance", named("guidance")),
            ("position", position()),
            ("slug", slug()),
            ("name", name()),
        ],
        options={
            "ordering": ["position", "pk"],
            "constraints": [
                one_per_key("slug", "one_cohort_per_slug", "Another cohort of this guidance has this slug.")
            ],
        },
    ),
    migrations.AddField(
        "category",
        "levels",
        models.ManyToManyField(blank=True, help_text="Tick every level it covers.", to="categories.level"),
    ),
    migrations.AddField(
        "category",
        "cohorts",
        models.ManyToManyField(
            blank=True, help_text="Tick none if the guidance does not state a cohort.", to="categories.cohort"
        ),
    ),
    migrations.AddField("historicalcategory_levels", "level", named_in_history("level", db_tablespace="")),
    migrations.AddField("historicalcategory_cohorts", "cohort", named_in_history("cohort", db_tablespace="")),
    *[
        operation
        for model in ("historicallevel", "historicalcohort")
        for operation in (
            migrations.RemoveField(model, "id"),
            migrations.AddField(model, "id", key_in_history()),
            migrations.AddField(model, "guidance", named_in_history("guidance")),
        )
    ],
    migrations.AlterField("historicallevel", "number", number()),
    migrations.AlterField("historicalcohort", "slug", slug()),
    migrations.AlterField("historicalcohort", "name", name()),
]

words_of_staff = [
    *in_both(
        migrations.AlterField,
        "guidance",
        "applies_to",
        lambda: categories.models.fields.LinesField(
            blank=True,
            default=list,
            help_text="The nations, one on each line. Leave empty if it is not stated.",
            verbose_name="applies to",
        ),
    ),
    *in_both(migrations.AlterField, "exampleslist", "slug", slug),
    *in_both(migrations.AlterField, "exampleslist", "name", name),
    migrations.AlterField(
        "category",
        "approval_tests",
        models.ManyToManyField(
            blank=True,
            help_text="At least one, unless the approval in words says why it faces none, or the category is "
            "withdrawn.",
            to="categories.approvaltest",
            verbose_name="approval tests and powers",
        ),
    ),
    migrations.AlterField(
        "editionchange",
        "kind",
        models.CharField(
            choices=[
                ("guidance", "Guidance"),
                ("short-form", "Short form"),
                ("level", "Level"),
                ("cohort", "Cohort"),
                ("relationship", "Relationship"),
                ("t-level", "T Level position"),
                ("availability", "Availability"),
                ("category", "Category"),
                ("approval-test", "Approval test"),
                ("examples-list", "Examples list"),
            ],
            max_length=15,
        ),
    ),
]


shared = rows.Shared()


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        *new_terms,
        *[operation for new in new_texts for operation in in_both(migrations.AddField, *new)],
        *facts_of_categories,
        migrations.RunPython(shared.read),
        *levels_and_cohorts,
        migrations.RunPython(shared.write),
        migrations.RunPython(rows.follow),
        migrations.AlterField("category", "relationship", named("relationship", **RELATIONSHIP)),
        *[
            migrations.RemoveField(model, name)
            for model in ("category", "historicalcategory")
            for name in (*[f"{name}_in_schema_1" for name in OLD], "in_scope_from_month", "in_scope_from_year")
        ],
        *words_of_staff,
        migrations.RunPython(rows.permit),
        migrations.RunPython(rows.finish),
    ]
