/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
    const text = btoa(String.fromCharCode(...bytes));
    return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}
