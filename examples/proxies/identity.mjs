/**
 * A certified identity provider, with its own pages for log-in and consent.
 *
 * Run as `node identity.mjs PORT ISSUER CLIENT [SECONDS]`, with the client's metadata in JSON, and how
 * long its tokens are good for. Who logs in is whoever is typed; push, PKCE, the issuer in each answer
 * and log-outs by the back channel are on.
 */

import dns from "node:dns";
import Provider from "oidc-provider";

// Names below localhost are this machine (RFC 6761), which not every resolver knows.
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host.endsWith(".localhost") ? "localhost" : host, ...rest);

const [port, issuer, client, life = 60] = process.argv.slice(2);
const provider = new Provider(issuer, {
  clients: [JSON.parse(client)],
  cookies: { keys: ["known to all"] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    // A client may ask for access tokens for each of its upstreams (RFC 8707), signed (RFC 9068).
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, resource) => ({
        accessTokenFormat: "jwt",
        audience: resource,
        scope: "",
      }),
      useGrantedResource: () => true,
    },
    rpInitiatedLogout: { enabled: true },
  },
  // As in the client's ID tokens; who is told of log-outs is told these.
  extraTokenClaims: ({ oidc }, { sid }) => ({
    sid,
    auth_time: oidc.entities.AuthorizationCode?.authTime,
  }),
  // Its own one refuses addresses of this machine, where all of a test is, and waits for 2.5 s.
  fetch: (url, { dispatcher: _, signal: __, ...options }) => fetch(url, options),
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { AccessToken: Number(life), Grant: 3600, IdToken: Number(life), Interaction: 600, Session: 3600 },
});
provider.listen(Number(port), "127.0.0.1");
