class HTTPSignatureAlgorithm:
    algorithm_id: str

class RSA_V1_5_SHA256(HTTPSignatureAlgorithm): ...  # noqa: N801 - its name
class ED25519(HTTPSignatureAlgorithm): ...
