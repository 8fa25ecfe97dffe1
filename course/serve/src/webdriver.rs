//! As much of the WebDriver protocol as it takes to look at a book.
//!
//! The protocol is JSON over HTTP, one request for each step. A driver program translates it
//! for the browser; here that is chromedriver, which picks a free port and prints it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long a page may take to do what is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// A browser under remote control. Dropping it ends the browser and its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    /// `http://127.0.0.1:PORT/session/ID`
    session: String,
}

impl Browser {
    /// Starts a browser that knows nothing of its user: its profile is the folder `profile`,
    /// which is emptied first.
    ///
    /// # Errors
    /// `Err(Ok(..))` says which program is missing, `Err(Err(..))` what went wrong.
    pub(crate) fn start(profile: &Path) -> Result<Self, Result<String, String>> {
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
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        // From here on `drop` ends the driver.
        let mut browser = Browser {
            driver,
            agent,
            session: String::new(),
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
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let base = format!("http://127.0.0.1:{port}/session");
        let answer = browser.post(&base, &wanted).map_err(Err)?;
        let id = answer["sessionId"].as_str().unwrap_or_default();
        browser.session = format!("{base}/{id}");
        Ok(browser)
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) fn open(&self, url: &str) -> Result<(), String> {
        self.command("url", &json!({ "url": url })).map(drop)
    }

    /// Where the browser is.
    pub(crate) fn url(&self) -> Result<String, String> {
        let answer = self.run("return location.href")?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Runs the body of a function in the page and returns what it returns.
    pub(crate) fn run(&self, script: &str) -> Result<Value, String> {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
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
        let mut steps = Vec::new();
        for key in keys.chars() {
            steps.push(json!({ "type": "keyDown", "value": key }));
            steps.push(json!({ "type": "keyUp", "value": key }));
        }
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": steps });
        self.command("actions", &json!({ "actions": [keyboard] }))
            .map(drop)
    }

    /// Makes the window as wide and high as a screen would be.
    pub(crate) fn screen(&self, width: u32, height: u32) -> Result<(), String> {
        let params = json!({
            "width": width, "height": height,
            "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", params)
            .map(drop)
    }

    /// Has a script run in every page before the page's own.
    pub(crate) fn before_each_page(&self, source: &str) -> Result<(), String> {
        let params = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", params)
            .map(drop)
    }

    /// A picture of a part of the page, `top` pixels down, as a PNG in base64.
    pub(crate) fn picture(
        &self,
        width: u32,
        top: u32,
        height: u32,
    ) -> Result<String, String> {
        let clip = json!({ "x": 0, "y": top, "width": width, "height": height, "scale": 1 });
        let params =
            json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", params)?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// What the page has complained about since the last call.
    pub(crate) fn complaints(&self) -> Result<Vec<String>, String> {
        let answer = self.command("se/log", &json!({ "type": "browser" }))?;
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
        let body = json!({ "cmd": command, "params": params });
        self.command("goog/cdp/execute", &body)
    }

    fn command(&self, command: &str, body: &Value) -> Result<Value, String> {
        self.post(&format!("{}/{command}", self.session), body)
    }

    fn post(&self, url: &str, body: &Value) -> Result<Value, String> {
        let sent = self.agent.post(url).send(body.to_string());
        let mut answer = sent.map_err(|error| format!("{url}: {error}"))?;
        let text = answer
            .body_mut()
            .with_config()
            // A picture of a long page.
            .limit(200 * 1024 * 1024)
            .read_to_string()
            .map_err(|error| format!("{url}: {error}"))?;
        let answer: Value = serde_json::from_str(&text)
            .map_err(|error| format!("{url}: {error}: {text}"))?;
        let value = answer["value"].clone();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"])),
            None => Ok(value),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver closes its browser when the session is deleted, and not when it is
        // killed.
        if !self.session.is_empty() {
            let _ = self.agent.delete(&self.session).call();
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
