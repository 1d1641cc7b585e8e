// A server with one user, `fred`, made with Fedify. A test speaks to it in lines of JSON: each line on
// standard input is an order `{id, order, …}`. Standard output answers it by `{id, result}` or `{id, error}`,
// and tells every activity that reaches fred's inbox, as `{received: {…}}`.
//
// node peer.mjs CERTIFICATE KEY FIRST_KNOCK     the files in PEM; FIRST_KNOCK as Fedify's option of that name
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";

import {
  createFederation,
  generateCryptoKeyPair,
  MemoryKvStore,
} from "@fedify/fedify";
import {
  Activity,
  Announce,
  Create,
  Delete,
  Endpoints,
  Follow,
  Like,
  Note,
  Person,
  PUBLIC_COLLECTION,
  Tombstone,
  Undo,
  Update,
} from "@fedify/fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

const [certificate, key, firstKnock] = process.argv.slice(2);
const fred = { identifier: "fred" };
const notes = new Map();
const sent = new Map();

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// Without a queue, `sendActivity` returns when the other server has answered, and throws when it refused.
const federation = createFederation({
  kv: new MemoryKvStore(),
  firstKnock,
  allowPrivateAddress: true,
});
const keys = [await rsaKeyPair(), await generateCryptoKeyPair("Ed25519")];

// Fedify makes 4096 bits, which takes seconds.
function rsaKeyPair() {
  return crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
}

federation
  .setActorDispatcher("/users/{identifier}", async (context, identifier) => {
    if (identifier !== fred.identifier) return null;
    const pairs = await context.getActorKeyPairs(identifier);
    return new Person({
      id: context.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Fred",
      inbox: context.getInboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(() => keys);
federation.setObjectDispatcher(
  Note,
  "/notes/{id}",
  (_context, { id }) => notes.get(id) ?? null,
);
federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Activity, async (context, activity) => {
    const object = activity.objectId && (await embedded(context, activity));
    tell({
      received: {
        id: activity.id.href,
        type: activity.constructor.name,
        actor: activity.actorId.href,
        object: activity.objectId?.href ?? null,
        embedded: object && (await described(object)),
      },
    });
  })
  .onError((_context, error) => console.error(error))
  .setSharedKeyDispatcher(() => fred);

// What came inside the activity; what is only named by its address is left alone.
async function embedded(context, activity) {
  const json = await activity.toJsonLd({ format: "compact", contextLoader: context.contextLoader });
  if (typeof json.object === "string") return null;
  return await activity.getObject({ crossOrigin: "trust" }); // an Accept carries fred's own Follow
}

// An object as Fedify has understood it.
async function described(object) {
  return {
    type: object.constructor.name,
    id: object.id?.href ?? null,
    name: object.name?.toString() ?? null,
    content: object.content?.toString() ?? null,
    username: object.preferredUsername?.toString() ?? null,
    url: object.url?.href?.href ?? object.url?.href ?? null,
    duration: object.duration?.total("seconds") ?? null,
    updated: object.updated?.toString() ?? null,
    attributedTo: object.attributionIds?.map((id) => id.href) ?? [],
    attachments: await attachments(object),
  };
}

async function attachments(object) {
  const all = [];
  for await (const file of object.getAttachments?.() ?? []) {
    const url = file.url?.href?.href ?? file.url?.href;
    all.push({ type: file.constructor.name, mediaType: file.mediaType, url });
  }
  return all;
}

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  async (incoming, outgoing) => {
    const chunks = await Array.fromAsync(incoming);
    const request = new Request(`https://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method,
      headers: incoming.headers,
      body: chunks.length ? Buffer.concat(chunks) : undefined,
    });
    const response = await federation.fetch(request, { contextData: undefined });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  },
);

// What a user of fred's server can do. `actor` and `about` are ids of the other server; `activity` and `note`
// are ids that an earlier order has answered.
function orders(context) {
  const me = context.getActorUri(fred.identifier);
  const fresh = (kind) => new URL(`/${kind}/${randomUUID()}`, context.origin);

  async function look(id) {
    const documentLoader = await context.getDocumentLoader(fred);
    const object = await context.lookupObject(id, { documentLoader });
    if (!object) throw new Error(`no object at ${id}`);
    return object;
  }

  async function send(activity, recipient) {
    sent.set(activity.id.href, { activity, recipient });
    await context.sendActivity(fred, recipient, activity);
    return activity.id.href;
  }

  async function authorOf(object) {
    return await object.getAttribution({ documentLoader: await context.getDocumentLoader(fred) });
  }

  async function react(Kind, about) {
    const object = await look(about);
    const author = await authorOf(object);
    const activity = new Kind({
      id: fresh("activities"),
      actor: me,
      object: object.id,
      tos: Kind === Announce ? [PUBLIC_COLLECTION] : [author.id],
      ccs: Kind === Announce ? [author.id] : [],
    });
    return await send(activity, author);
  }

  function addressed(about) {
    return { actor: me, to: PUBLIC_COLLECTION, cc: about };
  }

  return {
    look: async ({ about }) => await described(await look(about)),
    follow: async ({ actor }) => {
      const other = await look(actor);
      const activity = new Follow({ id: fresh("activities"), actor: me, object: other.id, to: other.id });
      return await send(activity, other);
    },
    like: async ({ about }) => await react(Like, about),
    boost: async ({ about }) => await react(Announce, about),
    undo: async ({ activity: id }) => {
      const { activity, recipient } = sent.get(id);
      const undo = new Undo({ id: fresh("activities"), actor: me, object: activity, to: recipient.id });
      return await send(undo, recipient);
    },
    reply: async ({ about, text }) => {
      const object = await look(about);
      const author = await authorOf(object);
      const id = randomUUID();
      const note = new Note({
        id: context.getObjectUri(Note, { id }),
        attribution: me,
        replyTarget: object.id,
        content: `<p>${text}</p>`,
        published: Temporal.Now.instant(),
        to: PUBLIC_COLLECTION,
        cc: author.id,
      });
      notes.set(id, note);
      await send(new Create({ id: fresh("activities"), object: note, ...addressed(author.id) }), author);
      return note.id.href;
    },
    edit: async ({ note: uri, text }) => {
      const { id } = context.parseUri(new URL(uri)).values;
      const old = notes.get(id);
      const note = old.clone({ content: `<p>${text}</p>`, updated: Temporal.Now.instant() });
      notes.set(id, note);
      const author = await authorOf(await look(old.replyTargetId.href));
      await send(new Update({ id: fresh("activities"), object: note, ...addressed(author.id) }), author);
    },
    remove: async ({ note: uri }) => {
      const { id } = context.parseUri(new URL(uri)).values;
      const note = notes.get(id);
      notes.delete(id);
      const author = await authorOf(await look(note.replyTargetId.href));
      const tombstone = new Tombstone({ id: note.id });
      await send(new Delete({ id: fresh("activities"), object: tombstone, ...addressed(author.id) }), author);
    },
  };
}

server.listen(0, "127.0.0.1", () => {
  const origin = `https://localhost:${server.address().port}`;
  const known = orders(federation.createContext(new URL(origin), undefined));
  createInterface({ input: process.stdin })
    .on("line", async (line) => {
      const { id, order, ...what } = JSON.parse(line);
      try {
        tell({ id, result: (await known[order](what)) ?? null });
      } catch (error) {
        tell({ id, error: `${error}` });
      }
    })
    .on("close", () => process.exit());
  tell({ ready: { origin, actor: `${origin}/users/fred` } });
});
