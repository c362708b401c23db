/** What every page is styled by. The components' own styles stand in a layer: what is ours overrules them, in whatever order files arrive. */
import "./layers.css";
import "@mantine/core/styles/baseline.layer.css";
import "@mantine/core/styles/default-css-variables.layer.css";
import "@mantine/core/styles/global.layer.css";
import "./app.css";
