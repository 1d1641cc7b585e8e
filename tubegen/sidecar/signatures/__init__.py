"""HTTP message signatures, both ways: `policy.verify` for what comes in, `sign.sign` for what goes out."""
