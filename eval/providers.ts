// Whether credentials of common providers are found in the form in which they are issued today, wherever they turn up.
// All of them are made up here.
import type { Scan } from "./evaluate.js";
import { dataIn, overlapsAny } from "./findings.js";
import { byName } from "./groups.js";
import { type Share, shareOf } from "./share.js";
import { fillIn } from "./template.js";

/** Values of each form; each is put into every context. */
const VALUES = 3;

/** How a credential is called where it has a name, and the forms that are issued under it. */
interface Credential {
  readonly name: string;
  /** Templates, as in `eval/data`. */
  readonly forms: readonly string[];
}

/** By provider. */
type Credentials = Readonly<Record<string, readonly Credential[]>>;

/** What shows in the value itself. */
const TOLD_BY_FORM: Credentials = {
  "1Password": [{ name: "OP_SERVICE_ACCOUNT_TOKEN", forms: ["ops_eyJ{alnum:420}"] }],
  Airtable: [{ name: "AIRTABLE_TOKEN", forms: ["pat{alnum:14}.{hex:64}"] }],
  Anthropic: [
    { name: "ANTHROPIC_API_KEY", forms: ["sk-ant-api03-{base64url:93}AA", "sk-ant-admin01-{base64url:93}AA"] },
    { name: "CLAUDE_CODE_OAUTH_TOKEN", forms: ["sk-ant-oat01-{base64url:93}AA"] },
  ],
  Atlassian: [{ name: "JIRA_API_TOKEN", forms: ["ATATT3xFfGF0{base64url:171}={upper_alnum:8}"] }],
  AWS: [
    { name: "AWS_ACCESS_KEY_ID", forms: ["AKIA{base32:16}", "ASIA{base32:16}"] },
    { name: "AWS_SESSION_TOKEN", forms: ["IQoJb3JpZ2luX2Vj{base64:640}"] },
    { name: "AWS_BEARER_TOKEN_BEDROCK", forms: ["ABSKQmVkcm9ja0FQSUtleS{alnum:110}"] },
  ],
  Azure: [
    { name: "AZURE_OPENAI_API_KEY", forms: ["{alnum:52}JQQJ99B{upper_alnum:1}AC{alnum:14}XJ3w3AAAB{alnum:5}"] },
    { name: "AZURE_CLIENT_SECRET", forms: ["{alnum:3}8Q~{base64url:34}"] },
    { name: "AZURE_STORAGE_KEY", forms: ["{base64:76}+ASt{base64:5}A=="] },
    { name: "AZURE_SEARCH_KEY", forms: ["{alnum:42}AzSeA{alnum:5}"] },
    { name: "COSMOS_KEY", forms: ["{base64:76}ACDb{base64:5}w=="] },
    { name: "SERVICE_BUS_KEY", forms: ["{base64:33}+ASbA{base64:5}="] },
  ],
  Cerebras: [{ name: "CEREBRAS_API_KEY", forms: ["csk-{lower_alnum:48}"] }],
  Cloudflare: [
    { name: "CLOUDFLARE_API_TOKEN", forms: ["cfut_{alnum:40}{hex:8}", "cfat_{alnum:40}{hex:8}"] },
    { name: "CLOUDFLARE_API_KEY", forms: ["cfk_{alnum:40}{hex:8}"] },
    { name: "CF_ORIGIN_CA_KEY", forms: ["v1.0-{hex:24}-{hex:146}"] },
  ],
  Databricks: [{ name: "DATABRICKS_TOKEN", forms: ["dapi{hex:32}", "dapi{hex:32}-2"] }],
  DeepSeek: [{ name: "DEEPSEEK_API_KEY", forms: ["sk-{hex:32}"] }],
  DigitalOcean: [{ name: "DIGITALOCEAN_TOKEN", forms: ["dop_v1_{hex:64}"] }],
  Discord: [{ name: "DISCORD_TOKEN", forms: ["MT{alnum:24}.G{alnum:5}.{base64url:38}"] }],
  Docker: [{ name: "DOCKER_PAT", forms: ["dckr_pat_{base64url:27}"] }],
  Doppler: [{ name: "DOPPLER_TOKEN", forms: ["dp.st.prd.{alnum:43}"] }],
  ElevenLabs: [{ name: "ELEVENLABS_API_KEY", forms: ["sk_{hex:48}"] }],
  Figma: [{ name: "FIGMA_TOKEN", forms: ["figd_{base64url:40}"] }],
  Firecrawl: [{ name: "FIRECRAWL_API_KEY", forms: ["fc-{hex:32}"] }],
  Fireworks: [{ name: "FIREWORKS_API_KEY", forms: ["fw_{alnum:22}", "fw_{alnum:24}"] }],
  "Fly.io": [{ name: "FLY_API_TOKEN", forms: ["fm2_{base64:420}"] }],
  GitHub: [
    { name: "GITHUB_TOKEN", forms: ["ghp_{alnum:30}{crc32_base62}", "github_pat_{alnum:22}_{alnum:59}"] },
    { name: "GH_APP_TOKEN", forms: ["ghs_{alnum:30}{crc32_base62}", "ghu_{alnum:30}{crc32_base62}"] },
    // Issued since April 2026: the id of the app, then a JWT.
    { name: "GH_APP_TOKEN", forms: ["ghs_{digits:7}_eyJhbGciOiJSUzI1NiJ9.eyJ{base64url:340}.{base64url:86}"] },
  ],
  GitLab: [
    { name: "GITLAB_TOKEN", forms: ["glpat-{base64url:20}", "glpat-{base64url:27}.0{lower_alnum:1}.{lower_alnum:9}"] },
    { name: "CI_JOB_TOKEN", forms: ["glcbt-6{hex:1}_{base64url:20}"] },
  ],
  Google: [
    { name: "GEMINI_API_KEY", forms: ["AIzaSy{base64url:33}", "AQ.Ab8RN6{base64url:44}"] },
    { name: "GOOGLE_CLIENT_SECRET", forms: ["GOCSPX-{base64url:28}"] },
    { name: "GOOGLE_ACCESS_TOKEN", forms: ["ya29.a0{base64url:200}"] },
  ],
  Grafana: [{ name: "GRAFANA_TOKEN", forms: ["glsa_{alnum:32}_{hex:8}"] }],
  Groq: [{ name: "GROQ_API_KEY", forms: ["gsk_{alnum:20}WGdyb3FY{alnum:24}"] }],
  Heroku: [{ name: "HEROKU_API_KEY", forms: ["HRKU-AA{base64url:58}"] }],
  "Hugging Face": [{ name: "HF_TOKEN", forms: ["hf_{alpha:34}"] }],
  HubSpot: [{ name: "HUBSPOT_TOKEN", forms: ["pat-na1-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"] }],
  LangSmith: [{ name: "LANGSMITH_API_KEY", forms: ["lsv2_pt_{hex:32}_{hex:10}", "lsv2_sk_{hex:32}_{hex:10}"] }],
  Langfuse: [{ name: "LANGFUSE_SECRET_KEY", forms: ["sk-lf-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"] }],
  Linear: [{ name: "LINEAR_API_KEY", forms: ["lin_api_{alnum:40}"] }],
  LlamaCloud: [{ name: "LLAMA_CLOUD_API_KEY", forms: ["llx-{alnum:48}"] }],
  Mailgun: [{ name: "MAILGUN_API_KEY", forms: ["key-{hex:32}", "{hex:32}-{hex:8}-{hex:8}"] }],
  Neon: [{ name: "NEON_API_KEY", forms: ["napi_{lower_alnum:64}"] }],
  "New Relic": [{ name: "NEW_RELIC_API_KEY", forms: ["NRAK-{upper_alnum:27}"] }],
  Notion: [{ name: "NOTION_TOKEN", forms: ["ntn_{digits:11}{alnum:35}"] }],
  npm: [{ name: "NPM_TOKEN", forms: ["npm_{alnum:30}{crc32_base62}"] }],
  NVIDIA: [{ name: "NVIDIA_API_KEY", forms: ["nvapi-{base64url:64}"] }],
  OpenAI: [
    {
      name: "OPENAI_API_KEY",
      forms: [
        "sk-proj-{base64url:74}T3BlbkFJ{base64url:74}",
        "sk-svcacct-{base64url:74}T3BlbkFJ{base64url:74}",
        "sk-admin-{base64url:74}T3BlbkFJ{base64url:74}",
        "sk-{alnum:20}T3BlbkFJ{alnum:20}",
      ],
    },
  ],
  OpenRouter: [{ name: "OPENROUTER_API_KEY", forms: ["sk-or-v1-{hex:64}"] }],
  Perplexity: [{ name: "PERPLEXITY_API_KEY", forms: ["pplx-{alnum:48}"] }],
  Pinecone: [{ name: "PINECONE_API_KEY", forms: ["pcsk_{alnum:6}_{alnum:63}"] }],
  PlanetScale: [{ name: "PLANETSCALE_TOKEN", forms: ["pscale_tkn_{base64url:43}"] }],
  PostHog: [{ name: "POSTHOG_KEY", forms: ["phx_{alnum:43}"] }],
  PyPI: [{ name: "PYPI_TOKEN", forms: ["pypi-AgEIcHlwaS5vcmc{base64url:152}"] }],
  Replicate: [{ name: "REPLICATE_API_TOKEN", forms: ["r8_{alnum:37}"] }],
  Resend: [{ name: "RESEND_API_KEY", forms: ["re_{alnum:8}_{alnum:24}"] }],
  RunPod: [{ name: "RUNPOD_API_KEY", forms: ["rpa_{upper_alnum:40}{lower_alnum:6}"] }],
  SendGrid: [{ name: "SENDGRID_API_KEY", forms: ["SG.{base64url:22}.{base64url:43}"] }],
  Sentry: [{ name: "SENTRY_AUTH_TOKEN", forms: ["sntryu_{hex:64}"] }],
  Shopify: [{ name: "SHOPIFY_TOKEN", forms: ["shpat_{hex:32}"] }],
  Slack: [
    { name: "SLACK_BOT_TOKEN", forms: ["xoxb-{digits:12}-{digits:13}-{alnum:24}"] },
    { name: "SLACK_APP_TOKEN", forms: ["xapp-1-A{upper_alnum:10}-{digits:13}-{hex:64}"] },
  ],
  Square: [{ name: "SQUARE_ACCESS_TOKEN", forms: ["EAAA{base64url:60}"] }],
  Stripe: [{ name: "STRIPE_SECRET_KEY", forms: ["sk_live_{alnum:99}", "rk_live_{alnum:99}", "sk_test_{alnum:24}"] }],
  Supabase: [
    { name: "SUPABASE_ACCESS_TOKEN", forms: ["sbp_{hex:40}"] },
    { name: "SUPABASE_SECRET_KEY", forms: ["sb_secret_{base64url:22}_{base64url:8}"] },
    {
      name: "SUPABASE_SERVICE_ROLE_KEY",
      forms: ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{base64url:140}.{base64url:43}"],
    },
  ],
  Tailscale: [{ name: "TS_AUTHKEY", forms: ["tskey-auth-{alnum:17}-{alnum:32}"] }],
  Tavily: [{ name: "TAVILY_API_KEY", forms: ["tvly-dev-{alnum:32}"] }],
  Telegram: [{ name: "TELEGRAM_BOT_TOKEN", forms: ["{digits:10}:AA{base64url:33}"] }],
  Terraform: [{ name: "TFE_TOKEN", forms: ["{alnum:14}.atlasv1.{base64url:67}"] }],
  Together: [{ name: "TOGETHER_API_KEY", forms: ["tgp_v1_{base64url:43}"] }],
  Twilio: [{ name: "TWILIO_API_KEY", forms: ["SK{hex:32}"] }],
  Vault: [{ name: "VAULT_TOKEN", forms: ["hvs.{base64url:90}"] }],
  Vercel: [
    { name: "VERCEL_TOKEN", forms: ["vcp_{alnum:56}"] },
    { name: "AI_GATEWAY_API_KEY", forms: ["vck_{alnum:56}"] },
  ],
  "Voyage AI": [{ name: "VOYAGE_API_KEY", forms: ["pa-{base64url:43}"] }],
  "Weights & Biases": [{ name: "WANDB_API_KEY", forms: ["wandb_v1_{alnum:27}_{alnum:49}"] }],
  xAI: [{ name: "XAI_API_KEY", forms: ["xai-{alnum:80}"] }],
};

/** What could be anybody's, and is only looked for beside its name. */
const TOLD_BY_NAME: Credentials = {
  AWS: [{ name: "AWS_SECRET_ACCESS_KEY", forms: ["{base64:40}"] }],
  Azure: [{ name: "AZURE_OPENAI_API_KEY", forms: ["{hex:32}"] }],
  Cloudflare: [{ name: "CLOUDFLARE_API_TOKEN", forms: ["{base64url:40}"] }],
  Cohere: [{ name: "COHERE_API_KEY", forms: ["{alnum:40}"] }],
  Datadog: [{ name: "DD_API_KEY", forms: ["{hex:32}"] }],
  Mistral: [{ name: "MISTRAL_API_KEY", forms: ["{alnum:32}"] }],
  Pinecone: [{ name: "PINECONE_API_KEY", forms: ["{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"] }],
  Twilio: [{ name: "TWILIO_AUTH_TOKEN", forms: ["{hex:32}"] }],
  Vercel: [{ name: "VERCEL_TOKEN", forms: ["{alnum:24}"] }],
};

type Context = (name: string, value: string) => string;

/** Where a credential stands beside its name. */
const NAMED: Readonly<Record<string, Context>> = {
  "env file": (name, value) => `NODE_ENV=production\n${name}=${value}\nPORT=8080\n`,
  shell: (name, value) => `export ${name}="${value}" && ./deploy.sh`,
  JSON: (name, value) => `{ "service": "billing", "${camel(name)}": "${value}", "retries": 3 }`,
  YAML: (name, value) => `services:\n  web:\n    environment:\n      ${name}: ${value}\n      PORT: 8080\n`,
  Python: (name, value) => `import os\n\nos.environ["${name}"] = "${value}"\nrun()\n`,
  TypeScript: (name, value) => `const ${camel(name)} = '${value}';\nexport const client = connect(${camel(name)});\n`,
};

/** Where it stands alone. */
const UNNAMED: Readonly<Record<string, Context>> = {
  header: (_, value) => `curl https://api.host.test/v1/items -H "Authorization: Bearer ${value}"`,
  URL: (_, value) => `GET https://api.host.test/v1/items?page=2&access=${encodeURIComponent(value)} HTTP/1.1`,
  prose: (_, value) => `It works for me with ${value} since yesterday, so try that.`,
  log: (_, value) => `2026-11-02T08:15:01Z WARN retry 3, signed with ${value} after 812 ms`,
};

function camel(name: string): string {
  return name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What was found of the credentials of one provider, or in one context. */
export interface ProviderShare {
  readonly found: Share;
  /** Told by its own form, not only by the words around it. */
  readonly byForm: Share;
}

/** All figures on made-up credentials of known forms. */
export interface ProviderFigures {
  readonly total: ProviderShare;
  readonly byProvider: Readonly<Record<string, ProviderShare>>;
  readonly byContext: Readonly<Record<string, ProviderShare>>;
}

interface Trial {
  readonly provider: string;
  readonly context: string;
  readonly isFound: boolean;
  readonly isFoundByForm: boolean;
}

/** Puts credentials of every form into every context and scans them. */
export function measureProviders(scan: Scan): ProviderFigures {
  const trials = [...trialsOf(TOLD_BY_FORM, { ...NAMED, ...UNNAMED }, scan), ...trialsOf(TOLD_BY_NAME, NAMED, scan)];
  return {
    total: shareOfTrials(trials),
    byProvider: byName(trials, ({ provider }) => provider, shareOfTrials),
    byContext: byName(trials, ({ context }) => context, shareOfTrials),
  };
}

function trialsOf(credentials: Credentials, contexts: Readonly<Record<string, Context>>, scan: Scan): Trial[] {
  return Object.entries(credentials).flatMap(([provider, ofProvider]) =>
    ofProvider.flatMap(({ name, forms }) =>
      forms.flatMap((form) =>
        Object.entries(contexts).flatMap(([context, write]) =>
          Array.from({ length: VALUES }, (_, index) => {
            const { text: value } = fillIn(form, [], `${form} ${context} ${index}`);
            return { provider, context, ...look(scan, write(name, value), value) };
          }),
        ),
      ),
    ),
  );
}

function look(scan: Scan, text: string, value: string): Pick<Trial, "isFound" | "isFoundByForm"> {
  const start = Math.max(text.indexOf(value), text.indexOf(encodeURIComponent(value)));
  const span = { start, end: start + value.length };
  const findings = dataIn(scan(text), "secret_detection").filter((finding) => overlapsAny(span, [finding]));
  const isByForm = ({ patternId }: { patternId: string }) => !/^(generic_|bearer_header)/.test(patternId);
  return { isFound: findings.length > 0, isFoundByForm: findings.some(isByForm) };
}

function shareOfTrials(trials: readonly Trial[]): ProviderShare {
  const share = (holds: (trial: Trial) => boolean) => shareOf(trials.filter(holds).length, trials.length);
  return { found: share(({ isFound }) => isFound), byForm: share(({ isFoundByForm }) => isFoundByForm) };
}
