import type { ResourceServer } from 'oidc-provider';

export interface TestResource {
    /** For the parameter `resource` (RFC 8707). */
    readonly identifier: string;
    /** For the parameter `audience`; it is the `aud` of the tokens. */
    readonly audience: string;
    readonly scope: string;
    readonly format: 'opaque' | 'jwt';
    /** Seconds; without it, that of the other tokens. */
    readonly lifetime?: number;
}

export const resources = {
    orders: {
        identifier: 'https://orders.invalid/api',
        audience: 'orders',
        scope: 'orders:read orders:write',
        format: 'opaque',
    },
    reports: {
        identifier: 'https://reports.invalid/',
        audience: 'reports',
        scope: 'reports:read reports:admin',
        format: 'jwt',
        lifetime: 120,
    },
    ticker: {
        identifier: 'urn:ticker',
        audience: 'ticker',
        scope: 'ticker:read',
        format: 'opaque',
        lifetime: 2,
    },
} as const satisfies Record<string, TestResource>;

const known: readonly TestResource[] = Object.values(resources);

/** The scopes that need no resource. */
export const scopes = ['openid', 'offline_access', 'read', 'write', 'admin'];

export const defaultScope = 'read write';

export function resourceServerOf(identifier: string): ResourceServer | undefined {
    const resource = known.find((entry) => entry.identifier === identifier);
    return (
        resource && {
            scope: resource.scope,
            audience: resource.audience,
            accessTokenFormat: resource.format,
            accessTokenTTL: resource.lifetime,
        }
    );
}

export function identifierOfAudience(audience: string): string | undefined {
    return known.find((entry) => entry.audience === audience)?.identifier;
}
