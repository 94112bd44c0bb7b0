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
    "subdomain_not_allowed": N_("%(domain)s is not on the list; %(domains)s is. Use an address there."),
    "table_empty": N_("The file is empty"),
    "table_not_text": N_("The selected file must be a CSV"),
    "table_row_too_long": N_("Row %(row)s has no end. Close its quote."),
}
