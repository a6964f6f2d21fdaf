"""The ledger: every post counted, whoever made it, against monthly targets.

It reads posts only (`published_at` on the post), so a figure is the same a year later. In:
`sheet` (`text_sheet`, `workbook`), `headings`, `fields`, `columns`, `accounts`, `lines`,
`doubles`, `intake` (plan and commit). Out: `months`, `counts`, `posts`, `targets`, `report`.
It uses no other room.
"""
