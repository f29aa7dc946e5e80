/** One challenge of a `WWW-Authenticate` (RFC 9110 section 11.6.1). */
export interface Challenge {
    readonly scheme: 'Bearer' | 'DPoP';
    readonly parameters?: Readonly<Record<string, string | undefined>>;
}

export interface Refusal {
    readonly status: 400 | 401 | 403;
    readonly challenges: readonly Challenge[];
}

export function formatChallenge({ scheme, parameters = {} }: Challenge): string {
    const formatted = Object.entries(parameters)
        .filter((entry): entry is [string, string] => entry[1] !== undefined)
        .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
    return [scheme, formatted.join(', ')].join(' ').trimEnd();
}

export function errorOf({ challenges }: Refusal): string {
    return (
        challenges.find(({ parameters }) => parameters?.['error'] !== undefined)?.parameters?.['error'] ?? 'no_token'
    );
}
