//! A browser under remote control: the calls that it takes to look at a book.
//!
//! The protocol is WebDriver, spoken by fantoccini; a driver program translates it for the
//! browser. Here that is chromedriver, which picks a free port and prints it. What WebDriver
//! has no words for (the size of a screen, the console) goes through Chrome's own commands.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How long a page may take to do what is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// A browser under remote control. Dropping it ends the browser and its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    runtime: Runtime,
    /// `None` until the driver has opened a session.
    client: Option<Client>,
}

impl Browser {
    /// Starts a browser that knows nothing of its user: its profile is the folder `profile`,
    /// which is emptied first.
    ///
    /// # Errors
    /// `Err(Ok(..))` says which program is missing, `Err(Err(..))` what went wrong.
    pub(crate) fn start(profile: &Path) -> Result<Self, Result<String, String>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Err(error.to_string()))?;
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| {
                let what = "there is no chromedriver here (Debian: chromium-driver)";
                Ok(what.to_owned())
            })?;
        let port = driver.stdout.take().and_then(port_of);
        // From here on `drop` ends the driver.
        let mut browser = Browser {
            driver,
            runtime,
            client: None,
        };
        let port =
            port.ok_or_else(|| Err("chromedriver names no port".to_owned()))?;
        let _ = fs::remove_dir_all(profile);
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".into(), json!({ "args": args }));
        wanted.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let driver = format!("http://127.0.0.1:{port}");
        let client = browser.runtime.block_on(builder.connect(&driver));
        browser.client =
            Some(client.map_err(|error| Err(format!("no session: {error}")))?);
        Ok(browser)
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) fn open(&self, url: &str) -> Result<(), String> {
        self.ask(async |client| client.goto(url).await)
    }

    /// Where the browser is.
    pub(crate) fn url(&self) -> Result<String, String> {
        self.ask(async |client| client.current_url().await)
            .map(String::from)
    }

    /// Runs the body of a function in the page and returns what it returns.
    pub(crate) fn run(&self, script: &str) -> Result<Value, String> {
        self.ask(async |client| client.execute(script, Vec::new()).await)
    }

    /// Waits until the script returns `true`.
    pub(crate) fn wait(&self, what: &str, script: &str) -> Result<(), String> {
        let started = Instant::now();
        while self.run(script)? != Value::Bool(true) {
            if started.elapsed() > PATIENCE {
                return Err(format!("waited in vain: {what}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Presses and releases keys, one after the other.
    pub(crate) fn keys(&self, keys: &str) -> Result<(), String> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        self.ask(async |client| client.perform_actions(actions).await)
    }

    /// Clicks with the mouse on the first element that the selector finds. Scrolls it to the
    /// middle before, as a reader would: left to itself, the driver may leave it under the
    /// bar at the top.
    pub(crate) fn click(&self, selector: &str) -> Result<(), String> {
        self.run(&format!(
            "document.querySelector('{selector}')\
             ?.scrollIntoView({{ block: 'center', behavior: 'instant' }});"
        ))?;
        let end = self.ask(async |client| {
            client.find(Locator::Css(selector)).await?.click().await
        });
        end.map_err(|error| format!("{selector}: {error}"))
    }

    /// Touches the middle of the first element that the selector finds, with one finger.
    pub(crate) fn touch(&self, selector: &str) -> Result<(), String> {
        let middle = self.run(&format!(
            "const e = document.querySelector('{selector}'); if (!e) return null; \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = e.getBoundingClientRect(); \
             return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }};"
        ))?;
        if middle.is_null() {
            return Err(format!("{selector}: there is none"));
        }
        let start = json!({ "type": "touchStart", "touchPoints": [middle] });
        self.devtools("Input.dispatchTouchEvent", start)?;
        let end = json!({ "type": "touchEnd", "touchPoints": [] });
        self.devtools("Input.dispatchTouchEvent", end).map(drop)
    }

    /// Shows pages as on this medium (`print`, or nothing for the screen), to a reader who
    /// wants things to move or not.
    pub(crate) fn medium(&self, medium: &str, calm: bool) -> Result<(), String> {
        let motion = if calm { "reduce" } else { "no-preference" };
        let features =
            json!([{ "name": "prefers-reduced-motion", "value": motion }]);
        let params = json!({ "media": medium, "features": features });
        self.devtools("Emulation.setEmulatedMedia", params)
            .map(drop)
    }

    /// Makes the window as wide and high as a screen would be. A narrow one is touched.
    pub(crate) fn screen(&self, width: u32, height: u32) -> Result<(), String> {
        let params = json!({
            "width": width, "height": height,
            "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", params)?;
        let params = json!({ "enabled": width < 600 });
        self.devtools("Emulation.setTouchEmulationEnabled", params)
            .map(drop)
    }

    /// Has a script run in every page before the page's own.
    pub(crate) fn before_each_page(&self, source: &str) -> Result<(), String> {
        let params = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", params)
            .map(drop)
    }

    /// A picture of a part of the page, `top` pixels down, as a PNG.
    pub(crate) fn picture(
        &self,
        width: u32,
        top: u32,
        height: u32,
    ) -> Result<Vec<u8>, String> {
        let clip = json!({ "x": 0, "y": top, "width": width, "height": height, "scale": 1 });
        let params =
            json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", params)?;
        let text = answer["data"].as_str().unwrap_or_default();
        STANDARD.decode(text).map_err(|error| error.to_string())
    }

    /// What the page has complained about since the last call.
    pub(crate) fn complaints(&self) -> Result<Vec<String>, String> {
        let answer = self.chrome("se/log", json!({ "type": "browser" }))?;
        let entries = answer.as_array().cloned().unwrap_or_default();
        Ok(entries
            .iter()
            .filter(|entry| {
                entry["level"] == "SEVERE" || entry["level"] == "WARNING"
            })
            .filter_map(|entry| entry["message"].as_str().map(str::to_owned))
            .collect())
    }

    fn devtools(&self, command: &str, params: Value) -> Result<Value, String> {
        self.chrome(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": params }),
        )
    }

    fn chrome(&self, endpoint: &'static str, body: Value) -> Result<Value, String> {
        self.ask(async |client| client.issue_cmd(Chrome { endpoint, body }).await)
    }

    fn ask<T, E: ToString>(
        &self,
        question: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T, String> {
        let client = self.client.as_ref().ok_or("there is no session")?;
        self.runtime
            .block_on(question(client))
            .map_err(|error| error.to_string())
    }
}

/// A command that Chrome has in addition to the standard's.
#[derive(Debug)]
struct Chrome {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Chrome {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.endpoint))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver closes its browser when the session is deleted, and not when it is
        // killed.
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port, from the line in which chromedriver says that it has started. The rest of its
/// output is read by nobody: it logs nothing more unless asked to.
fn port_of(output: impl std::io::Read) -> Option<u16> {
    BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("started successfully on port"))
        .and_then(|line| {
            let digits = line.rsplit(' ').next()?.trim_end_matches('.').to_owned();
            digits.parse().ok()
        })
}
