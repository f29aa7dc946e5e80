/** The one user, robot and client that the authorization server knows. */
export const credentials = {
    user: { name: 'admin', password: 'start123' },
    robot: { id: '2f6cf0f6-9d0b-4c7f-8a40-6a1f2f5f3b11', secret: 'robot-secret-5d1c8e' },
    client: { id: 'b7c3a5de-41f2-4a7e-9c58-0d9e7b6a2c43', secret: 'client-secret-9a4f7b' },
};

export interface KnownCredentials {
    user: { name: string; password: string };
    robot: { id: string; secret: string };
    client: { id: string; secret: string };
}

/** The public client that stands in where Authup wants no OAuth client: password, robot and refresh grants. */
export const internalClientId = 'system';
