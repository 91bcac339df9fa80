"""Conventions of frameworks and tools: files that they load by name, and the exports that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clew.code.manifests import manifests
from clew.index.scope import globs

if TYPE_CHECKING:
    from collections.abc import Callable

    from clew.workspace import Workspace


class Convention(NamedTuple):
    """Files that a tool finds by their names."""

    tool: str
    """The framework that loads them."""
    files: tuple[str, ...]
    """Globs of their paths."""
    reads: frozenset[str] = frozenset()
    """The exports that it reads; none stands for all."""
    package: str = ""
    """A dependency of the tree without which the names mean nothing; none where the names say enough."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEXT_ROUTE = _names(
    "default dynamic dynamicParams revalidate fetchCache runtime preferredRegion maxDuration experimental_ppr metadata generateMetadata"
    " viewport generateViewport generateStaticParams generateImageMetadata generateSitemaps alt size contentType"
)
_HTTP = _names("GET HEAD OPTIONS POST PUT DELETE PATCH")
_CODE = "{ts,tsx,js,jsx,mjs,cjs,mts,cts}"

CONVENTIONS = (
    # nextjs.org/docs: the Pages Router; file conventions and route segment config of the App Router
    Convention(
        "Next.js",
        (f"**/pages/**/*.{_CODE}",),
        _names("default config getServerSideProps getStaticProps getStaticPaths getInitialProps reportWebVitals unstable_runtimeJS"),
        "next",
    ),
    Convention(
        "Next.js",
        (
            f"**/app/**/{{page,layout,template,loading,error,global-error,not-found,forbidden,unauthorized,default,route}}.{_CODE}",
            f"**/app/**/{{icon,apple-icon,opengraph-image,twitter-image,sitemap,robots,manifest}}*.{_CODE}",
        ),
        _NEXT_ROUTE | _HTTP,
        "next",
    ),
    Convention(
        "Next.js",
        (f"**/{{middleware,proxy,instrumentation,instrumentation-client}}.{_CODE}", f"**/mdx-components.{_CODE}"),
        _names("default middleware proxy config register onRequestError onRouterTransitionStart useMDXComponents"),
        "next",
    ),
    # remix.run/docs/en/main/file-conventions, reactrouter.com/start/framework/route-module
    *(
        Convention(
            "Remix",
            (f"**/app/routes/**/*.{_CODE}", f"**/app/{{root,routes,entry.client,entry.server}}.{_CODE}"),
            _names(
                "default loader action clientLoader clientAction ErrorBoundary HydrateFallback Layout headers handle links meta middleware"
                " clientMiddleware shouldRevalidate handleRequest handleDataRequest handleError streamTimeout"
            ),
            package,
        )
        for package in ("@remix-run/react", "@react-router/dev")
    ),
    # svelte.dev/docs/kit: Routing, Page options, Hooks, Service workers, Advanced routing (param matchers)
    Convention(
        "SvelteKit",
        ("**/+{page,layout,server,error}*",),
        _names("load actions entries prerender ssr csr trailingSlash config fallback") | _HTTP,
    ),
    Convention(
        "SvelteKit",
        (f"**/{{hooks,hooks.client,hooks.server,service-worker}}.{_CODE}", f"**/params/*.{_CODE}"),
        _names("handle handleFetch handleError handleValidationError init reroute transport match"),
        "@sveltejs/kit",
    ),
    # nuxt.com/docs/guide/directory-structure, nitro.build/guide/routing
    Convention(
        "Nuxt",
        tuple(
            f"**/{folder}/**" for folder in ("pages", "layouts", "components", "composables", "middleware", "plugins", "server", "utils")
        ),
        package="nuxt",
    ),
    # docs.astro.build/en/reference/routing-reference, …/guides/content-collections, …/guides/middleware
    Convention("Astro", (f"**/pages/**/*.{{astro,{_CODE[1:]}",), package="astro"),
    Convention("Astro", ("**/*.astro",), _names("Props getStaticPaths prerender partial")),
    Convention(
        "Astro",
        (f"**/src/content/config.{_CODE}", f"**/src/{{content.config,middleware}}.{_CODE}"),
        _names("collections onRequest"),
        "astro",
    ),
    # gatsbyjs.com/docs/reference/config-files, …/reference/routing/creating-routes
    Convention(
        "Gatsby", (f"**/gatsby-{{config,node,browser,ssr}}.{_CODE}", f"**/src/{{pages,templates,api}}/**/*.{_CODE}"), package="gatsby"
    ),
    # storybook.js.org/docs/api/csf: every export of a story file is a story; …/docs/configure
    Convention("Storybook", (f"**/*.{{stories,story}}.{_CODE}", f"**/.storybook/*.{_CODE}")),
    # The configuration files of webpack, Vite, Rollup, Babel, ESLint, Jest, Vitest, Playwright, Tailwind, PostCSS, tsup, Nest, Karma, …
    Convention(
        "a tool",
        (
            f"**/*.config*.{_CODE}",
            f"**/*.conf.{_CODE}",
            f"**/.*rc.{_CODE}",
            f"**/{{webpack,rollup}}.*.{_CODE}",
            f"**/{{gulpfile,Gruntfile,Jakefile,plopfile}}.{_CODE}",
        ),
    ),
    # globalSetup, setupFiles and manual mocks: jestjs.io/docs; vitest.dev/config
    Convention(
        "the test runner",
        (f"**/{{jest,vitest,test,tests,global}}{{-,.,_}}{{setup,teardown}}*.{_CODE}", f"**/setup{{-,.,_}}{{jest,tests,vitest}}*.{_CODE}"),
    ),
    Convention("the test runner", (f"**/{{setupTests,globalSetup,globalTeardown}}.{_CODE}", f"**/__mocks__/**/*.{_CODE}")),
    # typeorm.io/docs/migrations, knexjs.org/guide/migrations, sequelize.org/docs/v6/other-topics/migrations
    Convention("the migration runner", (f"**/{{migration,migrations,seeds,seeders,seed}}/**/*.{_CODE}",)),
    # yeoman.io/authoring/file-system: templates are copied into what is generated
    Convention("Yeoman", (f"**/generators/*/templates/**/*.{_CODE}",)),
    # docs.cypress.io/app/references/configuration
    Convention("Cypress", (f"**/cypress/{{support,plugins}}/**/*.{_CODE}",)),
    # vercel.com/docs/functions, docs.netlify.com/build/functions, developers.cloudflare.com/pages/functions
    Convention("the platform", (f"api/**/*.{_CODE}",), _HTTP | _names("default config"), "@vercel/node"),
    Convention("the platform", (f"netlify/{{functions,edge-functions}}/**/*.{_CODE}",), _names("default handler config")),
    Convention(
        "the platform",
        (f"functions/**/*.{_CODE}",),
        _names("onRequest onRequestGet onRequestPost onRequestPut onRequestPatch onRequestDelete onRequestHead onRequestOptions"),
    ),
    # angular.dev/reference/configs/file-structure, karma-runner.github.io
    Convention("Angular", (f"**/{{polyfills,karma.conf,environment*}}.{_CODE}",), package="@angular/core"),
    # docs.expo.dev/router/basics/notation
    Convention("Expo", (f"**/app/**/*.{_CODE}",), _names("default unstable_settings ErrorBoundary generateStaticParams"), "expo-router"),
    # code.visualstudio.com/api/get-started/extension-anatomy
    Convention("VS Code", (f"**/extension*.{_CODE}", f"**/src/{{main,index}}.{_CODE}"), _names("activate deactivate"), "@types/vscode"),
    # docs.docusaurus.io: Swizzling, Creating pages
    Convention("Docusaurus", (f"**/src/{{pages,theme}}/**/*.{_CODE}",), package="@docusaurus/core"),
)
"""One row for each rule that the documentation of a tool lays down."""


def readers(workspace: Workspace) -> Callable[[str, str], str | None]:
    """A function that names the tool that reads an export (path, name) without being told by code; None where none does."""
    packages: set[str] = set()
    for _, manifest in manifests(workspace):
        for field in ("dependencies", "devDependencies", "peerDependencies"):
            declared = manifest.get(field)
            packages.update(declared if isinstance(declared, dict) else ())
    rules = [(rule, pattern) for rule in CONVENTIONS if not rule.package or rule.package in packages for pattern in rule.files]
    patterns = globs([pattern for _, pattern in rules])
    by_path: dict[str, list[Convention]] = {}

    def reader(path: str, name: str) -> str | None:
        if path not in by_path:
            by_path[path] = [rules[number][0] for number in patterns.fitting(path)]
        return next((rule.tool for rule in by_path[path] if not rule.reads or name in rule.reads), None)

    return reader
