"""Tink's own streaming AEAD on a key of ours: who opens what, and who seals what, independently."""

import io
from importlib import import_module
from typing import Any

# Its types are partly unknown, and its protocol buffers have none.
_tink: Any = import_module("tink")
_secret_key_access: Any = import_module("tink.secret_key_access")
_streaming_aead: Any = import_module("tink.streaming_aead")
_keyset: Any = import_module("tink.proto.tink_pb2")
_stream: Any = import_module("tink.proto.aes_gcm_hkdf_streaming_pb2")

_streaming_aead.register()


class Refused(Exception):
    """Tink does not open it."""


def opens(data: bytes, key: bytes, associated: bytes) -> bytes:
    """Open a stream with Tink; raise `Refused` where it does not open to its very end."""
    source = io.BytesIO(data)
    try:
        with _primitive(key).new_decrypting_stream(source, associated) as stream:
            opened: bytes = stream.read()
    except (_tink.TinkError, OSError) as error:
        raise Refused from error
    return opened


def seals(data: bytes, key: bytes, associated: bytes) -> bytes:
    """Seal bytes with Tink, under a salt and a nonce prefix of its own; it pads nothing."""
    target = io.BytesIO()
    target.close = lambda: None  # type: ignore[method-assign] # Tink closes what it was given
    with _primitive(key).new_encrypting_stream(target, associated) as stream:
        stream.write(data)
    return target.getvalue()


def _primitive(key: bytes) -> Any:  # noqa: ANN401 - Tink's
    """Make Tink's primitive of the template AES256_GCM_HKDF_1MB on this main key."""
    template = _streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
    params = _stream.AesGcmHkdfStreamingKeyFormat.FromString(template.value).params
    value = _stream.AesGcmHkdfStreamingKey(version=0, params=params, key_value=key)
    of_key = _keyset.KeyData(
        type_url=template.type_url,
        value=value.SerializeToString(),
        key_material_type=_keyset.KeyData.SYMMETRIC,
    )
    one = _keyset.Keyset.Key(
        key_data=of_key,
        status=_keyset.ENABLED,
        key_id=1,
        output_prefix_type=_keyset.RAW,
    )
    keyset = _keyset.Keyset(primary_key_id=1, key=[one])
    handle = _tink.proto_keyset_format.parse(keyset.SerializeToString(), _secret_key_access.TOKEN)
    return handle.primitive(_streaming_aead.StreamingAead)
