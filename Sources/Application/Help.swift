/// What `throughline help` says.
enum Help {
  static let text = """
    throughline: one memory for a shop with many channels

      throughline serve [--config FILE] [--data DIR] [--host HOST] [--port PORT]
          Serves. Port 0 picks a free one; the line "listening on URL" tells when it is ready. SIGTERM finishes what
          runs and ends; SIGHUP reads the certificates anew. Settings: Config/throughline.json5, then THROUGHLINE_…
          variables, then flags. The setting country (RU, US …) says where telephone numbers are dialled that name no
          country; a source's document may say it for that source. The URL itself is the agents' console: sign in there
          with a person's key. URL/docs is the reference of the API, URL/openapi.json the same for tools.

      throughline source create --name NAME --channel CHANNEL [--trust verified|anonymous] [--kind till]
                               --data DIR
          Makes a source of events and prints its write key, once. Channels: web, app, site, chat, email, sms, phone,
          store, push. A verified source keeps its key secret and proves who a customer is (a server, a till); an
          anonymous one's key may stand in a web page (the default). Every source speaks Segment's words at /v1; one of
          the kind till posts its receipts to /hooks/NAME.

      throughline key create --role ROLE [--source NAME] [--name TEXT] [--holder person|machine] --data DIR
          Makes a key and prints it, once. Roles: owner, admin, marketer, agent, store, storefront, readonly; or
          source, with the source whose further write key it is. What a person reads of customers is audited read by
          read, what a machine reads is counted; a storefront's and a source's key is a machine's, any other is a
          person's unless --holder says machine.

      throughline key list --data DIR
          Lists the keys that hold and those that have ended: id, role, name.

      throughline key revoke KEY --data DIR
          Ends a key at once, with every session at the console that was begun with it. Over REST an owner or admin makes,
          lists and ends keys at /v1/keys. KEY is its id, or its name where
          no other key that holds has the same.

      throughline source secret NAME [--config FILE] --data DIR
          Makes the source's HMAC secret, or a new one in its place, and prints it, once. The shop's server signs a
          user's id with it: an event from a web page whose context.userHash is hex(HMAC-SHA256(secret, userId)) proves
          that userId. It is kept sealed under the master key (DIR/master.key or the setting masterKey), which stands
          in no backup and no export: keep a copy of it apart from the backups.

      throughline secret forget [--config FILE] --data DIR
          Where the master key is lost: throws away what it sealed. Sources need new secrets, tokens given out end.

      throughline apply FILE [--dry-run] --data DIR
          Stores the documents of a JSON5 file, by kind: {source: [{name: "web-shop", channel: "web"}], limits: {email:
          3}}. All or nothing; what has not changed makes no new version. --dry-run shows what would change.
          {retention: {name: "pages", type: "page", days: 90}} makes of each identifier's older pages one summary, every
          night at 3:00 UTC; that cannot be taken back.

      throughline backup FILE [--force] --data DIR
          Copies the database into one file while it is served or not. The file has its name only when it is whole.
          --force replaces a file of that name. The master key is not in it. FILE.erasures beside it says, in hashes,
          which ids were erased; those of older backups in the same folder are brought up to date.

      throughline restore FILE [--force] [--erasures JOURNAL] --data DIR
          Puts a backup into a directory that is not being served, after checking, migrating and verifying it. --force
          replaces a database that is there and keeps it under another name. Whoever was erased since the backup was made
          is erased in it again, by DIR/erasures, every *.erasures beside FILE, and JOURNAL: the newest one has them all.
          Sealed secrets are read again when master.key of the old directory is copied into it, or the setting masterKey
          is the same.

      throughline migrate --data DIR
          Brings the database to this program's schema without serving it, and makes views anew (search, traits, quality)
          that this program works out otherwise than the last one. serve does the same behind its first requests.

      throughline demo [--people N] [--seed S] [--config FILE] --data DIR
          Fills a directory with a practice shop: a year of N made-up people (2000 if left out) over web, app, chat, mail,
          SMS, phone and till, with families of one telephone, late receipts, consents, checkouts left half done, open
          reviews and wrong merges; articles, stores with stock, points, and carts and orders of today. Posts them through
          the API, to the server that serves the directory or to one that it starts itself. The same N and S give the same
          people; interrupted, the same command goes on. Refuses a directory that has other events, and marks its own for
          ever: /readyz and doctor say so.

      throughline demo --scale N [--seed S] --data DIR
          Fills a directory that is not being served, past the API, with a town to measure with, and says how fast. The
          same N and S give the same on the same day.

      Webhooks (POST /v1/webhooks) go to machines in public over https alone; the setting webhooksPrivateAddresses lets
      them go to the shop's own network and to this machine. They need libcurl.

      throughline doctor [--config FILE] [--data DIR] [--host HOST] [--port PORT]
          Says what is missing or wrong on this machine for what is configured.

      throughline export --canonical [--without-merge ID] [--out FILE] --data DIR
          Writes everything that is kept, a customer a line, so that equal states have equal bytes: to compare before and
          after. --without-merge leaves out what a merge and its undo added, and shows that. Personal data: the file is
          its owner's alone.

      throughline verify --data DIR
          Recounts everything that always holds, by other code than wrote it, and names what does not. A view that is
          being made anew is left for later.

      throughline replay --data DIR
          Folds the whole log anew beside the tables in use and compares them.

      throughline prove [--only WORDS] [--url URL --key KEY]
          Tries what other programs get wrong, with concurrent clients, on a private copy of a server that it starts and
          takes away again: the last unit wanted by 200, points spent twice, receipts sent twice, carts at login, merges
          undone. Then all of it again while that server is killed and started. PASS or FAIL a line, with what is promised
          and what was counted; what cannot be tried yet is told as later, and is no PASS.
          --only tries the lines whose names have these words.
          --url tries them on the server that listens there (http://HOST:PORT, or https:// with a certificate that this
          machine trusts), by KEY, an owner's or admin's key. It makes people, articles, orders, a store and three sources
          of its own under names with one ending, which it tells, and ends its keys; they stay there. It changes nothing of
          others, so a line that counts points or money is left out where programme, promotions or cart-policy are not as
          it needs them, and kill -9, verify and replay always are.

      throughline help

    source, key, secret, apply, backup, doctor, export, verify and replay work whether the directory is being served or not. Exit
    codes: 0 when all went well, 1 when not, 2 when the command line is wrong.
    """
}
