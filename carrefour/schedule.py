"""What the scheduler (Celery beat) asks for, and when; seconds when it is a number."""

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "harvest-due-sources": {"task": "partners.harvest_due_sources", "schedule": 300.0},
    # Asked for at the end of each harvest; what was stopped or missed is caught up.
    "compare-records": {"task": "partners.compare_records", "schedule": 3600.0},
    "purge-objections": {"task": "partners.purge_objections", "schedule": 86_400.0},
    "apply-retention": {"task": "partners.apply_retention", "schedule": 86_400.0},
    "purge-contributions": {"task": "partners.purge_contributions", "schedule": 86_400.0},
    "purge-assessments": {"task": "essaimage.purge_assessments", "schedule": 86_400.0},
    "purge-signals": {"task": "essaimage.purge_signals", "schedule": 86_400.0},
    "mail-experiment-ends": {
        "task": "essaimage.mail_experiment_ends",
        "schedule": crontab(hour=6, minute=30),
    },
    # In office hours: the mails leave at once.
    "plan-follow-ups": {
        "task": "essaimage.plan_follow_ups",
        "schedule": crontab(hour=9, minute=10),
    },
    "remind-proposals": {"task": "partners.mail_reminders", "schedule": 86_400.0},
    "recover-stuck-runs": {"task": "partners.recover_stuck_runs", "schedule": 30.0},
    "resume-staff-acts": {"task": "partners.resume_staff_acts", "schedule": 600.0},
    # Licences that staff changed, pictures to be tried again.
    "list-pictures": {"task": "partners.list_pictures", "schedule": 86_400.0},
    "take-quality-snapshot": {
        "task": "partners.take_quality_snapshot",
        "schedule": crontab(hour=2, minute=30),
    },
    # Bitmaps are made when enough rows changed; until then these are read one by one.
    "update-search-index": {"task": "innovations.update_search_index", "schedule": 600.0},
    "write-searches": {"task": "innovations.write_searches", "schedule": 600.0},
    "sum-up-data-changes": {"task": "innovations.sum_up_data_changes", "schedule": 600.0},
    "list-links": {"task": "innovations.list_links", "schedule": 86_400.0},
    "check-links": {"task": "innovations.check_links", "schedule": 1800.0},
    "check-recent-texts": {"task": "partners.check_recent_texts", "schedule": 86_400.0},
    # What replications tell to the search: records that were merged or split since.
    "follow-replications": {"task": "essaimage.follow_replications", "schedule": 3600.0},
    "forget-essaimage": {"task": "essaimage.forget", "schedule": 86_400.0},
    "copy-pictures": {"task": "innovations.copy_pictures", "schedule": 1800.0},
}
