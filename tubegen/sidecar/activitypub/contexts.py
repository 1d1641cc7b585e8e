"""The `@context` of each kind of document: the terms it uses and no more.

Most servers look only for the ActivityStreams address (A-6). Those that do read JSON-LD need every term
explained, and every address named here to answer (O-69).
"""

from typing import Any

ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"

Context = str | list[Any]

PLAIN: Context = ACTIVITYSTREAMS

_QUOTABLE: dict[str, Any] = {
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
}

ACTOR: Context = [
    ACTIVITYSTREAMS,
    SECURITY,
    {
        "toot": "http://joinmastodon.org/ns#",
        "schema": "http://schema.org#",
        "lemmy": "https://join-lemmy.org/ns#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
    },
]

NOTE: Context = [
    ACTIVITYSTREAMS,
    {"Hashtag": "as:Hashtag", "sensitive": "as:sensitive", **_QUOTABLE},
]

VIDEO: Context = [
    ACTIVITYSTREAMS,
    SECURITY,
    {
        "pt": "https://joinpeertube.org/ns#",
        "sc": "http://schema.org/",
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "identifier": "sc:identifier",
        "uuid": {"@type": "sc:identifier", "@id": "pt:uuid"},
        "originallyPublishedAt": "sc:datePublished",
        "category": "sc:category",
        "licence": "sc:license",
        "subtitleLanguage": "sc:subtitleLanguage",
        "language": "sc:inLanguage",
        "size": {"@type": "sc:Number", "@id": "pt:size"},
        "fps": {"@type": "sc:Number", "@id": "pt:fps"},
        "aspectRatio": {"@type": "sc:Float", "@id": "pt:aspectRatio"},
        "tileWidth": {"@type": "sc:Number", "@id": "pt:tileWidth"},
        "tileHeight": {"@type": "sc:Number", "@id": "pt:tileHeight"},
        "tileDuration": {"@type": "sc:Number", "@id": "pt:tileDuration"},
        "commentsEnabled": {"@type": "sc:Boolean", "@id": "pt:commentsEnabled"},
        "commentsPolicy": {"@type": "sc:Number", "@id": "pt:commentsPolicy"},
        "downloadEnabled": {"@type": "sc:Boolean", "@id": "pt:downloadEnabled"},
        "waitTranscoding": {"@type": "sc:Boolean", "@id": "pt:waitTranscoding"},
        "isLiveBroadcast": "sc:isLiveBroadcast",
        "state": {"@type": "sc:Number", "@id": "pt:state"},
        "views": {"@type": "sc:Number", "@id": "pt:views"},
        "embedUrl": {"@id": "sc:embedUrl", "@type": "@id"},
        "hasParts": "sc:hasParts",
        "comments": {"@id": "as:comments", "@type": "@id"},
        "dislikes": {"@id": "as:dislikes", "@type": "@id"},
        **_QUOTABLE,
    },
]

CHAPTERS: Context = [
    ACTIVITYSTREAMS,
    {
        "sc": "http://schema.org/",
        "hasPart": "sc:hasPart",
        "startOffset": "sc:startOffset",
        "endOffset": "sc:endOffset",
    },
]

QUOTE_ACCEPT: Context = [
    ACTIVITYSTREAMS,
    {
        "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
        "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    },
]

QUOTE_AUTHORIZATION: Context = [
    ACTIVITYSTREAMS,
    {
        "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
        "gts": "https://gotosocial.org/ns#",
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    },
]
