/** What has come and gone since the page was opened. */
export class Traffic {
  /** Bytes from the site's hosts. */
  hosts = 0;
  /** Bytes from other viewers. */
  received = 0;
  /** Bytes to other viewers. */
  given = 0;
  /** Viewers connected at the moment. */
  peers = 0;
}
