"""How many times longer than its limit each thing may take: the times are the machine's, the ratios are ours.

Each bound is about twice what we see, since neighbours on the machine can double a ratio for a while. Whoever makes
something faster lowers its bound; whoever breaks one has found something that costs more than it did.
"""

BOUNDS = {
    # Help is Typer and one table of names: seen 1.1 to 1.6 times what Typer alone takes.
    "help wall": 2.5,
    "help cpu": 2.0,
    # A list opens the database: SQLModel alone takes 6 to 7 times as long to load as Typer, its tables 3 more.
    "list wall": 24.0,
    "list cpu": 22.0,
    # One INSERT … SELECT a reminder: what is above 1 is finding out who may be told. Seen 1.3 to 1.7.
    "plan": 3.0,
    # The same question again, and nothing to insert: seen 2.2 to 3.1 times the bare look for what is there.
    "plan again": 6.0,
    # Nothing is held in memory but the intents: seen 0 to 1 of 50 MB, for 10,000 deliveries as for 1,000,000.
    "plan memory": 1.0,
    # Ten times the members, ten times the time and no more: seen 0.4 to 0.9.
    "plan growth": 1.1,
    # The slowest twentieth of claims, of 50 ms: seen 0.1 to 0.3, also of 300,000.
    "claim": 1.0,
    # One question, of 1 ms; seen 1.0 to 1.9 on a machine that others kept busy: nearly all of it is the session.
    "idle": 4.0,
    # The same on a server that has not counted anything yet, over a socket. A claim writes every index of 500 rows
    # anew: seen 0.4 to 1.4 of 50 ms. To plan again asks ten questions where the limit asks one: seen 4 to 8.
    "plan on PostgreSQL": 3.0,
    "plan memory on PostgreSQL": 1.0,
    "plan growth on PostgreSQL": 1.1,
    "plan again on PostgreSQL": 14.0,
    "claim on PostgreSQL": 3.0,
    "idle on PostgreSQL": 6.0,
    # Judged, worded, written as a letter and marked twice on disk; the limit only copies finished bytes into a
    # socket, and waits for each answer. What we set out for is 2: seen 1.5 to 1.9 for 2,000 mails and 1.7 to 2.3 for a
    # hundred, for which nothing is spread out. All of ours is the processor's time: a third reads rows, a tenth writes
    # marks, the rest is SMTP in four threads, three commands at once.
    "mail": 5.0,
    # The provider's own library in eight threads on both sides: seen 1.4 to 2.4. What we add is 0.65 ms of the
    # processor, and a commit for every eight texts in which nothing is on the wire.
    "text": 5.0,
    # The same with a provider that is 50 ms away, as near as one gets: what we set out for is 1.25, which is 0.8 of the
    # bare library.
    "text away": 1.4,
    # What two workers take of the time of one: what we set out for is 1 / 1.6, and 0.60 is seen for 1,000 texts. To
    # find its first job takes each of them a second or two, which for 600 makes it 0.72.
    "two workers": 0.9,
    # All checks, words and rows, beside a loop that has none of them and as many commits: seen 1.9 to 2.1 on both
    # databases, and 2.5 is what we set out for.
    "walk": 4.0,
    "walk on postgres": 4.0,
    # A promise and no ratio: the last of a thousand within five seconds. Seen 0.4 to 0.5.
    "at once": 1.0,
    # Her own page asks three questions by index, a link's one; the limit fills in the same page from what is in memory.
    # What we set out for is three times as long: seen 2.2 and 3.0, for 100,000 members as for 5,000.
    "page of a member": 4.0,
    "page of a link": 5.0,
    # Reading the rows, packing and signing are all that is added to rendering: seen 1.0 to 1.4.
    "feed written": 2.5,
    # Four statements, then each date with its doors, closures and changes; the limit only adds weeks and converts.
    # Seen 11 to 14: 0.3 s of the processor for the 10,300 dates of 1,000 series, a third of it reading rows.
    "agenda wall": 25.0,
    "agenda cpu": 25.0,
    # A rule is never walked from its beginning: seen 1.0 to 1.1 times its first month.
    "month far": 2.0,
    # Written by the protocol, without a task: seen 0.5 to 0.6 times the application of three lines.
    "feed served": 1.6,
    # A thousand versions are looked up, one series is read and written, all of it joined, and the date put on disk;
    # the limit hashes and packs the same bytes. Seen 8 to 12. Writing every series would be over a hundred.
    "feed changed": 25.0,
    # The same look-up, and nothing else: seen 2.6 to 3.3.
    "feed elsewhere": 7.0,
    # The bytes as they lie there; the limit hashes them each time: seen 0.5 to 1.0.
    "feed unchanged": 2.0,
    # At least 45 % of the requests per second that nginx reaches with the same file: seen 0.9 to 1.3.
    "feed as a file": 1 / 0.45,
}
