"""The sentence for every code that the ground and the gates answer with.

They know no web, so they speak in codes; the pages translate the English text here. Sorted by code, a line each.
A placeholder `%(name)s` is filled with the answer's params; a list of names arrives joined by the page.
"""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's extractors look for
    """The text itself, marked for translation."""
    return text


SENTENCES: dict[str, str] = {
    "denied": N_("This address cannot be used here"),
    "domain_alumni": N_("%(domain)s is for alumni. Use your student or staff address at %(domains)s."),
    "domain_confirm_private_suffix": N_(
        "Other people may run addresses below %(domain)s. Type the domain again to allow it."
    ),
    "domain_confirm_provider": N_("Anybody can get an address at %(domain)s. Type the domain again to allow it."),
    "domain_empty": N_("Enter a domain, like college.edu"),
    "domain_excluded": N_("%(domain)s is not on the list. Use an address at %(domains)s."),
    "domain_format": N_("Enter a domain in the correct format, like college.edu"),
    "domain_free_mail": N_("%(domain)s is for personal mail. Use your address at %(domains)s."),
    "domain_hidden": N_("Ask your contact which address to use."),
    "domain_invisible": N_("Remove the character that cannot be seen"),
    "domain_is_address": N_("Enter only what stands after the @: %(domain)s"),
    "domain_lookalike": N_("Type the domain on your keyboard. It has a character that only looks like another."),
    "domain_not_allowed": N_("Use an address at %(domains)s. %(domain)s is not on the list."),
    "domain_public_suffix": N_(
        "Anybody can have a domain that ends in %(domain)s. Enter the whole domain, like college.edu"
    ),
    "domain_trailing_dot": N_("Remove the dot at the end"),
    "domain_typo": N_("Did you mean %(closest)s?"),
    "domain_url": N_("Enter the domain alone, not a web address: %(domain)s"),
    "domain_wildcard": N_("Enter %(domain)s and tick “and subdomains”"),
    "email_disposable": N_("Use an address you will still have when we launch"),
    "email_empty": N_("Enter your e-mail address"),
    "email_format": N_("Enter an e-mail address in the correct format, like name@example.com"),
    "email_invisible": N_("Remove the character that cannot be seen"),
    "email_local_too_long": N_("The part before the @ must be %(limit)s characters or less"),
    "email_lookalike": N_("Type the address on your keyboard. It has a character that only looks like another."),
    "email_too_long": N_("E-mail address must be %(limit)s characters or less"),
    "email_trailing_dot": N_("Remove the dot at the end"),
    "gate_empty": N_("Nothing stands here; a rule needs something"),
    "gate_missing_key": N_("This is missing"),
    "gate_not_a_domain": N_("Write a domain in lower case, like college.edu"),
    "gate_not_a_list": N_("Write the key of a list: small letters, digits, hyphens"),
    "gate_too_deep": N_("Rules may be nested eight levels deep"),
    "gate_too_large": N_("A tree may hold 200 rules"),
    "gate_unknown_key": N_("No rule of this kind has this key"),
    "gate_unknown_kind": N_("There is no rule of this kind"),
    "gate_unknown_trust": N_("Write asserted, observed, verified or authoritative"),
    "gate_wildcard": N_("Write the domain without *, and subdomains: true"),
    "gate_wrong_type": N_("This must be of another type"),
    "invite_needed": N_("You need an invite. Type its code, or ask somebody who is in for one."),
    "not_allowed": N_("The rules do not let this address in. Ask the team which one would."),
    "not_on_list": N_("This address is not on the list. Ask the team to add it."),
    "referral_needed": N_("You need a link from a member. Ask a friend who is a member for their link."),
    "row_cell_too_long": N_("A cell has more than 10,000 characters. Shorten it."),
    "row_circle": N_("These people refer to each other in a circle. Clear the referrer of one of them."),
    "row_date": N_("Write the date like 2026-03-09 or 2026-03-09T14:03:00Z"),
    "picture_broken": N_("This picture is broken. Save it once more and upload that."),
    "picture_too_large": N_("The picture is too large. 5 MB and 40 million pixels are the most."),
    "picture_unknown": N_("Upload a PNG, JPEG or WebP picture."),
    "row_denied": N_("This address or domain is on the deny list"),
    "row_duplicate": N_("This address stands in the file already"),
    "row_fact_missing": N_("The rules need to know more than the file says"),
    "row_left": N_("This person left. Only they can come back."),
    "row_line_full": N_("The line is full. Raise its limit first."),
    "row_not_open": N_("The launch takes nobody now. Open it first."),
    "row_not_text": N_("Some characters cannot be read. Save the file as UTF-8."),
    "row_nul": N_("A cell holds a zero byte. Remove it."),
    "row_order": N_("The column that gives the order must hold a number or a date"),
    "row_own_referrer": N_("Nobody refers to themselves: added without a referrer"),
    "row_quote_open": N_("A quote opens here and is never closed: the rows below it were not read"),
    "row_quotes": N_("Something stands between a closing quote and the next column"),
    "row_removed": N_("This person was removed. Restore them first."),
    "row_rules": N_("The rules of this launch do not admit this address"),
    "row_unknown_referrer": N_("The referrer is neither in the file nor in line: added without one"),
    "rule_all_of": N_("All of these:"),
    "rule_any_of": N_("Any one of these:"),
    "rule_denied": N_("Nobody whom the team has blocked"),
    "rule_domain": N_("For people with a %(domains)s address"),
    "rule_domain_and_subdomains": N_("For people with a %(domains)s address, subdomains included"),
    "rule_domain_hidden": N_("For people with an address at certain domains. Ask your contact which address to use."),
    "rule_domain_excluded": N_("Not for %(domains)s addresses"),
    "rule_everyone": N_("For everybody"),
    "rule_invited": N_("For people who hold an invite"),
    "rule_listed": N_("For people on the team’s list"),
    "rule_not_of": N_("Not for these:"),
    "rule_referred": N_("For people who come by a member’s link"),
    "split_bad_name": N_("An arm’s name has small letters, digits and hyphens, and is not control: %(name)s"),
    "split_bad_weight": N_("The weight of %(name)s is a percentage above 0 and up to 100, like 12.5"),
    "split_over_whole": N_("The arms together have more than 100 %%. Give some of them less."),
    "split_too_many": N_("There may be eight arms beside control"),
    "split_twice": N_("There are two arms called %(name)s"),
    "subdomain_not_allowed": N_("%(domain)s is not on the list; %(domains)s is. Use an address there."),
    "table_empty": N_("The file is empty"),
    "table_not_text": N_("The selected file must be a CSV"),
    "table_row_too_long": N_("Row %(row)s has no end. Close its quote."),
    "table_no_column": N_("The file has no column %(column)s"),
    "table_workbook": N_("This is a workbook. Save its sheet as CSV (UTF-8), and select that file."),
    "kept_changed": N_("Stays: something of this person was changed since"),
    "kept_followed": N_("Stays: brought somebody who stays"),
    "kept_gone": N_("Stays: left or was removed since"),
    "kept_held": N_("Stays: is on hold"),
    "kept_invited": N_("Stays: was invited, or invited somebody"),
    "kept_moved": N_("Stays: was moved by the team"),
    "kept_written": N_("Stays: was written to"),
    "gate_not_a_country": N_("Write the two capital letters of a country, like US or GB"),
    "gate_not_a_moment": N_("Write a moment with its time zone, like 2026-03-09T14:03:00Z"),
    "gate_not_a_subdivision": N_("Write the code of a state or region, like US-CA"),
    "gate_not_a_unit": N_("Write the path of a department in small letters, like finance/payroll"),
    "gate_never_so_trusted": N_("This is never known that surely: leave min_trust out"),
    "gate_out_of_range": N_("This number is too small or too large"),
    "rule_answered": N_("For people who answered: %(choices)s"),
    "answer_not_allowed": N_("This is for people who answered a question of the form in another way."),
    "rule_arm": N_("For people in these groups: %(arms)s"),
    "arm_not_allowed": N_("This is for people in another group of the trial."),
    "rule_country": N_("For people in %(countries)s"),
    "country_not_allowed": N_("This is for people in %(countries)s."),
    "rule_customer": N_("For customers with at least %(orders)s orders"),
    "rule_customer_lately": N_("For customers with at least %(orders)s orders, the last within %(days)s days"),
    "orders_missing": N_("This is for customers with at least %(orders)s recent orders."),
    "rule_joined_before": N_("For people who joined before %(moment)s"),
    "joined_too_late": N_("This is for people who joined earlier."),
    "rule_score": N_("For people with at least %(least)s points"),
    "score_too_low": N_("You need %(least)s points. Friends who join by your link bring them."),
    "rule_subdivision": N_("For people in these states or regions: %(codes)s"),
    "subdivision_not_allowed": N_("This is for people in %(codes)s."),
    "rule_ticket": N_("For about %(percent)s of 100 people, by draw"),
    "ticket_not_drawn": N_("You were not drawn yet. Your ticket stays in the draw."),
    "rule_unit": N_("For these departments: %(units)s"),
    "unit_bad_key": N_("A department’s key has small letters, digits, hyphens and underscores: %(units)s"),
    "unit_circle": N_(
        "These departments stand above each other in a circle: %(units)s. Clear what is above one of them."
    ),
    "unit_no_parent": N_("What is above this department is not in the file: %(units)s"),
    "unit_not_allowed": N_("This is for the departments %(units)s for now."),
    "unit_twice": N_("This department stands in the file twice: %(units)s"),
    "rule_vouched": N_("For people whom %(by)s members vouch for"),
    "rule_vouched_branches": N_("For people whom %(by)s members from %(branches)s circles vouch for"),
    "vouches_missing": N_("You need invites from %(by)s members. Ask friends who are in."),
    "rule_within": N_("For people at most %(hops)s introductions away from the first members"),
    "vouches_too_far": N_("You need an invite from somebody closer to the first members."),
    "plan_after_everyone": N_(
        "Everybody is in from stage %(other)s on, so stage %(stage)s would let nobody in. Put it before %(other)s."
    ),
    "plan_before_its_turn": N_(
        "Stage %(stage)s would start before %(other)s, which comes first. Choose a later moment, or move %(other)s."
    ),
    "plan_before_opening": N_("Stage %(stage)s would start before the waitlist opens. Choose a later moment."),
    "plan_everyone_over_seats": N_(
        "Stage %(stage)s lets in everybody, and %(people)s people wait for %(seats)s seats. Raise the "
        "seats, or take the limit away."
    ),
    "plan_exit_never": N_(
        "Stage %(stage)s waits until %(other)s has let in %(wanted)s people, and %(other)s invites "
        "%(most)s at most. Lower one or raise the other."
    ),
    "plan_exit_unknown": N_(
        "Stage %(stage)s waits for “%(name)s”, which does not exist: write minutes, admitted, redeemed, clear or ended."
    ),
    "plan_number": N_("A number of stage %(stage)s must be from %(low)s to %(high)s."),
    "plan_open_never_ends": N_(
        "Stage %(stage)s waits for the end of %(other)s, which stays open. Let it wait for a time or a "
        "number of people."
    ),
    "plan_open_reserves": N_(
        "Stage %(stage)s lets people in without seats, so it needs none kept. Let it invite by waves, or keep none."
    ),
    "plan_quota_and_share": N_("Stage %(stage)s has both a number and a share. Keep one of them."),
    "plan_quota_over_seats": N_(
        "Stage %(stage)s would invite %(quota)s people, and there are %(seats)s seats. Lower one or raise the other."
    ),
    "plan_reserves_too_many": N_(
        "With stage %(stage)s, %(reserved)s seats would be kept, and there are %(seats)s. Keep fewer, "
        "or raise the seats."
    ),
    "plan_reserves_without_seats": N_(
        "Stage %(stage)s keeps seats, but this waitlist has no limit to them. Set one, or keep none."
    ),
    "plan_share": N_("The share of stage %(stage)s must be above nothing and at most the whole."),
    "plan_sized_without_waves": N_(
        "Stage %(stage)s has a size, a choice or a pace, which only a stage that invites by waves has. "
        "Let it invite by waves, or leave them out."
    ),
    "plan_waves_without_every": N_("Stage %(stage)s makes several waves, but does not say how long after each other."),
    "plan_without_a_moment": N_(
        "Stage %(stage)s starts at a moment that is missing. Enter it, or let it start by hand."
    ),
    "plan_needs_size": N_("Enter how many people each wave invites."),
    "plan_nothing": N_("Enter at least one step: a country, or a department."),
    "words_bad_link": N_(
        "“%(link)s” is no address to link to. It leads to https://…, mailto:… or one whole name ending in _url."
    ),
    "words_empty": N_("Write the words of the mail"),
    "words_may_be_empty": N_(
        "“%(name)s” is sometimes empty, so it cannot stand in this line. Use it in the words below."
    ),
    "words_may_vanish": N_(
        "%(name)s stands in a paragraph that goes whenever another name in it is empty. Give it a paragraph alone."
    ),
    "words_needed": N_("%(name)s is missing, and the mail is no use without it. Put it back."),
    "words_no_line": N_("“%(name)s” does not fit into one line. Use it in the words below."),
    "words_not_a_name": N_(
        "“%(found)s” is more than a name. Between double braces stands one name of the list; nothing is computed there."
    ),
    "words_too_heavy": N_("The mail has more than %(most)s kB, and mail programs would cut it. Shorten it."),
    "words_too_long": N_("Shorten this to %(most)s characters or fewer"),
    "words_unknown": N_("This mail does not know “%(name)s”. It knows: %(known)s."),
}
