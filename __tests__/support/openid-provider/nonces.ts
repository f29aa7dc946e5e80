import { randomBytes } from 'node:crypto';

/** DPoP nonces of a server (RFC 9449 section 8). */
export class Nonces {
    current = newNonce();
    private previous?: string;
    private readonly unused = new Set<string>();

    /** @param areUsedOnce Whether every answer brings a new nonce, and no nonce counts twice. */
    constructor(private readonly areUsedOnce = false) {}

    /** @param acceptPrevious Whether the old nonce still counts, while answers carry the new one. */
    rotate(acceptPrevious = false): void {
        this.previous = acceptPrevious ? this.current : undefined;
        this.current = newNonce();
        this.unused.clear();
    }

    /** The nonce that an answer brings. */
    next(): string {
        if (this.areUsedOnce) {
            this.current = newNonce();
            this.unused.add(this.current);
        }
        return this.current;
    }

    accept(nonce: string): boolean {
        if (this.areUsedOnce) return this.unused.delete(nonce);
        return nonce === this.current || nonce === this.previous;
    }
}

function newNonce(): string {
    return randomBytes(12).toString('base64url');
}
